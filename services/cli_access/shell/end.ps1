function global:meshrc_check {
  if (-not (Get-Command openstack -ErrorAction SilentlyContinue)) {
    Write-Error 'meshrc: there is no openstack command here. To install it: pip install python-openstackclient'
    return
  }
  if ($env:MESHRC_UNTIL -and [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() -ge [long]$env:MESHRC_UNTIL) {
    Write-Error "meshrc: what is in this file worked until $env:MESHRC_UNTIL_TEXT. Download a new one."
    return
  }
  openstack token issue -f value -c expires | Out-Null
  if ($LASTEXITCODE -eq 0) { "meshrc: you are in $env:MESHRC_HANDLE at $env:OS_AUTH_URL." }
  else { Write-Error "meshrc: $env:MESHRC_HINT" }
}
