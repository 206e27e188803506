OS_PASSWORD=$(
  if test -t 0; then trap "stty echo; echo >&2" EXIT; trap "exit 130" INT TERM; stty -echo; fi
  printf "Password of %s at %s: " "${OS_USERNAME}" "${MESHRC_PROVIDER}" >&2
  IFS= read -r meshrc_value || :
  printf %s "${meshrc_value}"
) || :
export OS_PASSWORD
