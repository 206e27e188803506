meshrc_login() {
  export OS_AUTH_TYPE="${MESHRC_AUTH_TYPE}"
  unset OS_TOKEN
  if OS_TOKEN=$(openstack token issue -f value -c id); then
    export OS_TOKEN OS_AUTH_TYPE=v3token
    echo "meshrc: logged in to ${MESHRC_HANDLE}. Commands of this shell do not ask again until this login ends." >&2
  else
    unset OS_TOKEN
    echo "meshrc: ${MESHRC_HINT}" >&2
    return 1
  fi
}
