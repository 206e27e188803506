function meshrc_login
  set --global --export OS_AUTH_TYPE $MESHRC_AUTH_TYPE
  set --erase --global OS_TOKEN
  set --local token (openstack token issue -f value -c id)
  if test $status -eq 0
    set --global --export OS_TOKEN $token
    set --global --export OS_AUTH_TYPE v3token
    echo "meshrc: logged in to $MESHRC_HANDLE. Commands of this shell do not ask again until this login ends." >&2
  else
    echo "meshrc: $MESHRC_HINT" >&2
    return 1
  end
end
