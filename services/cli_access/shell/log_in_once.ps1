function global:meshrc_login {
  $env:OS_AUTH_TYPE = $env:MESHRC_AUTH_TYPE
  Remove-Item Env:OS_TOKEN -ErrorAction SilentlyContinue
  $token = openstack token issue -f value -c id
  if ($LASTEXITCODE -eq 0) {
    $env:OS_TOKEN = $token
    $env:OS_AUTH_TYPE = 'v3token'
    "meshrc: logged in to $env:MESHRC_HANDLE. Commands of this shell do not ask again until this login ends."
  } else { Write-Error "meshrc: $env:MESHRC_HINT" }
}
