read --silent --global --export --prompt-str "Password of $OS_USERNAME at $MESHRC_PROVIDER: " OS_PASSWORD
