function meshrc_check
  if not command --query openstack
    echo "meshrc: there is no openstack command here. To install it: pip install python-openstackclient" >&2
    return 1
  end
  if set --query MESHRC_UNTIL; and test (date +%s) -ge $MESHRC_UNTIL
    echo "meshrc: what is in this file worked until $MESHRC_UNTIL_TEXT. Download a new one." >&2
    return 1
  end
  set --local said
  if set --query MESHRC_TALKS
    openstack token issue -f value -c expires >/dev/null; or set said "see above"
  else
    set said (openstack token issue -f value -c expires 2>&1); and set said
  end
  if test -z "$said"
    echo "meshrc: you are in $MESHRC_HANDLE at $OS_AUTH_URL."
    return 0
  end
  echo "meshrc: openstack said: $said" >&2
  switch "$said"
    case "*Unable to establish connection*" "*Failed to discover*" "*timed out*" "*Could not find versioned*"
      echo "meshrc: no answer from $OS_AUTH_URL or $MESHRC_PROVIDER. Is there a network, a VPN, a proxy between?" >&2
    case "*certificate verify failed*" "*SSL exception*"
      echo "meshrc: its certificate is not known here. Name the file that has its authority: set -x OS_CACERT FILE" >&2
    case "*plugin*"
      echo "meshrc: this openstack command is too old for $OS_AUTH_TYPE: pip install --upgrade python-openstackclient" >&2
    case "*"
      echo "meshrc: $MESHRC_HINT" >&2
  end
  return 1
end
if isatty stdout
  set --local until ""
  set --query MESHRC_UNTIL_TEXT; and set until " until $MESHRC_UNTIL_TEXT"
  echo "$MESHRC_HANDLE$until. meshrc_check says whether it works, meshrc_off takes it back."
end
