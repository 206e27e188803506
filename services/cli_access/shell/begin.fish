function meshrc_set
  set --global --export $argv[1] $argv[2]
end
function meshrc_restore
  for name in (set --export --names | string match --regex "^(?:OS_|MESHRC_(?!WAS_)).*")
    set --erase --global $name
  end
  for name in (set --export --names | string match "MESHRC_WAS_OS_*")
    set --global --export (string replace MESHRC_WAS_ "" $name) $$name
    set --erase --global $name
  end
end
function meshrc_off
  if test "$OS_AUTH_TYPE" = v3token; and set --query OS_TOKEN
    openstack token revoke $OS_TOKEN; or echo "meshrc: the login at $OS_AUTH_URL could not be ended. It ends by itself." >&2
  end
  meshrc_restore
  functions --erase meshrc_set meshrc_restore meshrc_off meshrc_check meshrc_login meshrc_renew
end
if set --query MESHRC_HANDLE
  meshrc_restore
end
begin
  set --local name
  for name in (set --export --names | string match "OS_*")
    set --global --export MESHRC_WAS_$name $$name
    set --erase --global $name
  end
end
