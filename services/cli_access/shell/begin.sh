meshrc_set() { export "${1}=${2}"; }
meshrc_names() { env | cut -d= -f1 | grep -x "${1}[A-Za-z0-9_]*" | sort -u; }
meshrc_restore() {
  for meshrc_name in $(meshrc_names OS_); do unset "${meshrc_name}"; done
  for meshrc_name in $(meshrc_names MESHRC_WAS_OS_); do
    if meshrc_value=$(printenv "${meshrc_name}" && echo x); then
      export "${meshrc_name#MESHRC_WAS_}=${meshrc_value%?x}"
    fi
  done
  for meshrc_name in $(meshrc_names MESHRC_); do unset "${meshrc_name}"; done
  unset meshrc_name meshrc_value
}
meshrc_off() {
  if test "${OS_AUTH_TYPE-}" = v3token && test -n "${OS_TOKEN-}"; then
    openstack token revoke "${OS_TOKEN}" || echo "meshrc: the login at ${OS_AUTH_URL} could not be ended. It ends by itself." >&2
  fi
  meshrc_restore
  unset -f meshrc_set meshrc_names meshrc_restore meshrc_off meshrc_check meshrc_login meshrc_renew 2>/dev/null || :
}
if test -n "${MESHRC_HANDLE-}"; then meshrc_restore; fi
for meshrc_name in $(meshrc_names OS_); do
  if meshrc_value=$(printenv "${meshrc_name}" && echo x); then
    export "MESHRC_WAS_${meshrc_name}=${meshrc_value%?x}"
    unset "${meshrc_name}"
  fi
done
unset meshrc_name meshrc_value
