function meshrc_renew
  set --local token (sh -c "$MESHRC_RUN")
  or begin
    set --erase --global OS_ACCESS_TOKEN
    return 1
  end
  set --global --export OS_ACCESS_TOKEN $token
end
meshrc_renew
set --erase --global MESHRC_REFRESH_TOKEN
