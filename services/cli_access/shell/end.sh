meshrc_check() {
  if ! command -v openstack >/dev/null 2>&1; then
    echo "meshrc: there is no openstack command here. To install it: pip install python-openstackclient" >&2
    return 1
  fi
  if test -n "${MESHRC_UNTIL-}" && test "$(date +%s)" -ge "${MESHRC_UNTIL}"; then
    echo "meshrc: what is in this file worked until ${MESHRC_UNTIL_TEXT}. Download a new one." >&2
    return 1
  fi
  if test -n "${MESHRC_TALKS-}"; then
    if openstack token issue -f value -c expires >/dev/null; then meshrc_said=; else meshrc_said="see above"; fi
  elif meshrc_said=$(openstack token issue -f value -c expires 2>&1); then
    meshrc_said=
  fi
  if test -z "${meshrc_said}"; then
    echo "meshrc: you are in ${MESHRC_HANDLE} at ${OS_AUTH_URL}."
    unset meshrc_said
    return 0
  fi
  echo "meshrc: openstack said: ${meshrc_said}" >&2
  case "${meshrc_said}" in
    *"Unable to establish connection"* | *"Failed to discover"* | *"timed out"* | *"Could not find versioned"*)
      echo "meshrc: no answer from ${OS_AUTH_URL} or ${MESHRC_PROVIDER}. Is there a network, a VPN, a proxy between?" >&2 ;;
    *"certificate verify failed"* | *"SSL exception"*)
      echo "meshrc: its certificate is not known here. Name the file that has its authority: export OS_CACERT=FILE" >&2 ;;
    *"plugin"*)
      echo "meshrc: this openstack command is too old for ${OS_AUTH_TYPE}: pip install --upgrade python-openstackclient" >&2 ;;
    *) echo "meshrc: ${MESHRC_HINT}" >&2 ;;
  esac
  unset meshrc_said
  return 1
}
if test -t 1; then
  echo "${MESHRC_HANDLE}${MESHRC_UNTIL_TEXT:+ until ${MESHRC_UNTIL_TEXT}}. meshrc_check says whether it works, meshrc_off takes it back."
fi
