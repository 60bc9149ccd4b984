// Signing in on the spot: what met a session that is over is sent again once there is a new one.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const ASKS = { "HX-Request": "true", "HX-Target": "sign_in" };
  const here = () => document.body.dataset;

  // Sent again once by itself, and no more.
  const resent = new WeakSet();

  function send(element, submitter) {
    resent.add(element);
    if (element.matches("form")) element.requestSubmit(submitter);
    else element.click();
  }

  function complain(words) {
    document.dispatchEvent(new CustomEvent("desk:refused", { detail: words }));
  }

  // ---- The new session ---------------------------------------------------------------------------

  function take(token) {
    find("meta[name='csrf-token']").content = token;
    for (const field of document.querySelectorAll("input[name='csrf_token']")) field.value = token;
  }

  async function goOn(element, submitter) {
    const answer = await fetch(here().session, { headers: ASKS });
    if (answer.status === 401) return ask(element, submitter);
    const { member, name, token } = await answer.json();
    if (String(member) !== here().member) {
      // Another's words are sent in nobody's name unasked.
      return complain(
        `\u2068${name}\u2069 is signed in now, in this browser. What you typed is still here: copy it, or let ` +
          "its writer sign in again, before you load the page.",
      );
    }
    take(token);
    return send(element, submitter);
  }

  // ---- Asking ------------------------------------------------------------------------------------

  async function ask(element, submitter) {
    if (find("#sign-in")) return;
    const dialog = document.createElement("dialog");
    dialog.id = "sign-in";
    dialog.setAttribute("aria-labelledby", "sign-in-title");
    await show(dialog, await fetch(here().signIn, { headers: ASKS }));
    document.body.append(dialog);
    dialog.showModal();
    find("[name='email']", dialog).focus();
    dialog.addEventListener("close", () => {
      dialog.remove();
      complain("You are signed out. What you typed is still here.");
    });
    dialog.addEventListener("submit", async (event) => {
      if (event.submitter?.formMethod === "dialog") return;
      event.preventDefault();
      event.stopPropagation();
      const body = new FormData(event.target);
      const answer = await fetch(event.target.action, { method: "POST", headers: ASKS, body });
      if (answer.status !== 204) return show(dialog, answer);
      dialog.remove();
      return goOn(element, submitter);
    });
  }

  async function show(dialog, answer) {
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = find("#sign_in", part);
    if (form) dialog.replaceChildren(form);
    find(".wrong input", dialog)?.focus();
  }

  // Before anybody else says that it failed.
  document.addEventListener(
    "htmx:beforeSwap",
    (event) => {
      const { xhr, requestConfig } = event.detail;
      const stale = xhr.getResponseHeader("X-Stale-Token");
      const element = requestConfig.elt;
      if (!here().member || (xhr.status !== 401 && !stale) || resent.delete(element)) return;
      event.detail.shouldSwap = event.detail.isError = false;
      event.stopImmediatePropagation();
      const submitter = requestConfig.triggeringEvent?.submitter;
      const next = stale ? goOn(element, submitter) : ask(element, submitter);
      next.catch(() => complain("The desk cannot be reached. What you typed is still here."));
    },
    true,
  );

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.status < 400) resent.delete(event.detail.requestConfig.elt);
  });
})();
