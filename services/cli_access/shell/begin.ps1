function global:meshrc_set($Name, $Value) { Set-Item -LiteralPath "Env:$Name" -Value $Value }
function global:meshrc_restore {
  Get-ChildItem Env: | Where-Object { $_.Name -like 'OS_*' } | ForEach-Object { Remove-Item -LiteralPath "Env:$($_.Name)" }
  Get-ChildItem Env: | Where-Object { $_.Name -like 'MESHRC_WAS_OS_*' } | ForEach-Object {
    Set-Item -LiteralPath "Env:$($_.Name.Substring(11))" -Value $_.Value
  }
  Get-ChildItem Env: | Where-Object { $_.Name -like 'MESHRC_*' } | ForEach-Object { Remove-Item -LiteralPath "Env:$($_.Name)" }
}
function global:meshrc_off {
  if ($env:OS_AUTH_TYPE -eq 'v3token' -and $env:OS_TOKEN) {
    openstack token revoke $env:OS_TOKEN
    if ($LASTEXITCODE -ne 0) { "meshrc: the login at $env:OS_AUTH_URL could not be ended. It ends by itself." }
  }
  meshrc_restore
  'set', 'restore', 'off', 'check', 'login', 'renew' | ForEach-Object {
    Remove-Item -LiteralPath "Function:meshrc_$_" -ErrorAction SilentlyContinue
  }
}
if ($env:MESHRC_HANDLE) { meshrc_restore }
Get-ChildItem Env: | Where-Object { $_.Name -like 'OS_*' } | ForEach-Object {
  Set-Item -LiteralPath "Env:MESHRC_WAS_$($_.Name)" -Value $_.Value
  Remove-Item -LiteralPath "Env:$($_.Name)"
}
