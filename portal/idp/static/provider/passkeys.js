// Passkeys at the door and in the account: takes the forms marked data-passkey and lets allauth's script fill them.
// Without this script the buttons do nothing harmful and the password stays a way in.
(() => {
  const refusal = (form) => form.querySelector("[data-passkey-refusal]");
  const data = () => JSON.parse(document.getElementById("passkey-data").textContent);

  // The challenge of a log in is fetched at the click, so that an old page still works.
  const challenge = async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The provider answered ${answer.status}`);
    return (await answer.json()).request_options;
  };

  const creation = (form) => {
    const options = data().creation_options;
    const passwordless = form.elements.passwordless;
    if (passwordless) {
      const wanted = options.publicKey.authenticatorSelection;
      wanted.residentKey = passwordless.checked ? "required" : "discouraged";
      wanted.requireResidentKey = passwordless.checked;
      if (passwordless.checked) wanted.userVerification = "required";
    }
    return options;
  };

  const ways = {
    login: async (form) => webauthnJSON.get(await challenge(form)),
    confirm: async () => webauthnJSON.get(data().request_options),
    add: async (form) => webauthnJSON.create(creation(form)),
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button[type=submit]");
      refusal(form).hidden = true;
      button.disabled = true;
      try {
        const credential = await ways[form.dataset.passkey](form);
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        // NotAllowedError is a person's "no" or a browser without a passkey for this address: said in the page.
        refusal(form).hidden = false;
        if (error.name !== "NotAllowedError") throw error;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
