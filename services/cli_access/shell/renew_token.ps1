function global:meshrc_renew {
  Remove-Item Env:OS_ACCESS_TOKEN -ErrorAction SilentlyContinue
  $state = if ($env:XDG_STATE_HOME) { $env:XDG_STATE_HOME } else { "$HOME/.local/state" }
  $file = "$state/meshdeck/$env:MESHRC_TOKEN_FILE"
  try {
    New-Item -ItemType Directory -Force -Path "$state/meshdeck" -ErrorAction Stop | Out-Null
    # Only one shell at a time has it open. Windows keeps the folder of a user from others; elsewhere chmod does.
    $lock = [System.IO.File]::Open("$file.held", 'OpenOrCreate', 'ReadWrite', 'None')
  } catch {
    Write-Error "meshrc: $file can't be written, or another shell is at it. Nothing was spent."
    return
  }
  try {
    [System.IO.File]::WriteAllText("$file.new", '')
    if (Get-Command chmod -ErrorAction SilentlyContinue) { chmod 600 "$file.new" }
    if (-not (Test-Path -LiteralPath $file)) {
      [System.IO.File]::WriteAllText("$file.new", $env:MESHRC_REFRESH_TOKEN)
      Move-Item -LiteralPath "$file.new" -Destination $file
    }
    $token = [System.IO.File]::ReadAllText($file)
    $body = @{ grant_type = 'refresh_token'; client_id = $env:MESHRC_CLIENT_ID; refresh_token = $token }
    $said = Invoke-RestMethod -Method Post -Uri $env:MESHRC_TOKEN_URL -Body $body -TimeoutSec 30
    if ($said.refresh_token) { $token = $said.refresh_token }
    [System.IO.File]::WriteAllText("$file.new", $token)
    Move-Item -LiteralPath "$file.new" -Destination $file -Force
    $env:OS_ACCESS_TOKEN = $said.access_token
  } catch {
    if ("$($_.ErrorDetails.Message)" -like '*invalid_grant*') {
      Write-Error "meshrc: $env:MESHRC_PROVIDER takes this token no more. Get a new one: $env:MESHRC_PAGE"
    } else {
      Write-Error "meshrc: no access token from $env:MESHRC_PROVIDER ($($_.Exception.Message)). To try again: meshrc_renew"
    }
  } finally { $lock.Dispose() }
}
meshrc_renew
# The file has it from now on, also where the provider was away.
Remove-Item Env:MESHRC_REFRESH_TOKEN -ErrorAction SilentlyContinue
