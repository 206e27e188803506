$meshrc_secret = Read-Host -AsSecureString -Prompt "Password of $env:OS_USERNAME at $env:MESHRC_PROVIDER"
$env:OS_PASSWORD = [System.Net.NetworkCredential]::new('', $meshrc_secret).Password
Remove-Variable meshrc_secret
