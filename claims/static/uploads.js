// Files: dropped or chosen, each sent by itself, with how far it is and what is wrong with it by name.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const MB = 1024 * 1024;

  // The same form may be sent for many files: each is one of its own to the desk.
  function token() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  }

  function line(form, name) {
    const item = document.createElement("li");
    const label = document.createElement("bdi");
    const words = document.createElement("span");
    const bar = document.createElement("progress");
    label.textContent = name;
    bar.max = 1;
    bar.setAttribute("aria-label", name);
    item.append(label, bar, words);
    find(".sendings", form).append(item);
    const end = (kind, text) => {
      bar.remove();
      words.className = kind;
      words.textContent = text;
    };
    return {
      at: (part) => {
        bar.value = part;
        words.textContent = part < 1 ? `${Math.floor(part * 100)} %` : "Arrived; the desk reads it…";
      },
      fail: (text) => end("error", text),
      done: () => end("ok", "Added"),
    };
  }

  function refusal(xhr) {
    if (xhr.status === 401) return "You are signed out: sign in in another tab, then send it again.";
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    return find("#refused > p", answer)?.textContent.trim() ?? "The desk could not take it. Try again in a moment.";
  }

  // Where the desk leads after it took the file; null when it did not.
  function send(form, file) {
    const told = line(form, file.name);
    if (file.size > Number(form.dataset.largest)) {
      told.fail(`It has ${Math.ceil(file.size / MB)} MB, and the desk takes up to ${form.dataset.largest / MB} MB. Save the pages that matter as a file of their own.`);
      return Promise.resolve(null);
    }
    const body = new FormData();
    body.append("csrf_token", find("meta[name='csrf-token']").content);
    body.append("once", token());
    body.append("file", file);
    return new Promise((resolve) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", form.action);
      // So the desk names the page to go to, and what it has to say waits for that.
      xhr.setRequestHeader("HX-Request", "true");
      xhr.upload.addEventListener("progress", (event) => event.lengthComputable && told.at(event.loaded / event.total));
      xhr.addEventListener("error", () => {
        told.fail("The desk cannot be reached. Try again in a moment.");
        resolve(null);
      });
      xhr.addEventListener("load", () => {
        if (xhr.status < 400) {
          told.done();
          return resolve(xhr.getResponseHeader("HX-Redirect") ?? xhr.responseURL);
        }
        told.fail(refusal(xhr));
        return resolve(null);
      });
      xhr.send(body);
    });
  }

  const sending = new WeakSet();

  async function sendAll(form, files) {
    if (sending.has(form) || !files.length) return;
    sending.add(form);
    find(".sendings", form).replaceChildren();
    const led = [];
    // One after the other: the desk reads each, and all of them together would make others wait.
    for (const file of files) led.push(await send(form, file));
    sending.delete(form);
    form.reset();
    if (led.includes(null)) return;
    // A source of its own for each file: the library shows them all.
    const there = new Set(led).size === 1 ? led[0] : location.pathname.replace(/\/new$/, "");
    if (new URL(there, location.href).pathname === location.pathname) location.reload();
    else location.assign(there);
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("form[data-upload]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      sendAll(form, [...find("input[type='file']", form).files]);
    },
    true,
  );

  // ---- Dropping ----------------------------------------------------------------------------------

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (form, on) => form?.classList.toggle("over", on);
  const target = (event) => event.target.closest?.("form[data-upload]");

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event) || !find("form[data-upload]")) return;
    // A file that misses its place would be opened in place of the page, and what is typed lost.
    event.preventDefault();
    const form = target(event);
    event.dataTransfer.dropEffect = form ? "copy" : "none";
    for (const one of document.querySelectorAll("form[data-upload]")) over(one, one === form);
  });
  document.addEventListener("dragleave", (event) => over(target(event), false));
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event) || !find("form[data-upload]")) return;
    event.preventDefault();
    const form = target(event);
    over(form, false);
    if (form) sendAll(form, [...event.dataTransfer.files]);
  });
})();
