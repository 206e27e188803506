meshrc_renew() {
  if OS_ACCESS_TOKEN=$(sh -c "${MESHRC_RUN}"); then
    export OS_ACCESS_TOKEN
  else
    unset OS_ACCESS_TOKEN
    return 1
  fi
}
meshrc_renew || :
unset MESHRC_REFRESH_TOKEN
