// What a page gains from a script: keys, focus, words for what changed. Every page works without it.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });

  document.documentElement.classList.add("js");

  // ---- Saying ------------------------------------------------------------------------------------

  function say(words) {
    find("#said").textContent = words;
  }

  function complain(words, kind = "error") {
    const notice = document.createElement("div");
    const text = document.createElement("p");
    notice.className = `notice ${kind}`;
    text.textContent = words;
    notice.append(text);
    find("#notice").replaceChildren(notice);
    letClose();
  }

  function letClose() {
    for (const notice of all("#notice > .notice:not(:has(button))")) {
      const close = document.createElement("button");
      close.type = "button";
      close.className = "btn small quiet";
      close.textContent = "Close";
      close.addEventListener("click", () => notice.remove());
      notice.append(close);
    }
  }

  const KEPT = "What you typed is still here.";
  const TROUBLE = {
    0: `The desk cannot be reached. ${KEPT} Try again in a moment.`,
    401: `You are signed out. ${KEPT}`,
    403: `You may not do that. ${KEPT}`,
    404: "That is not there any more. Load the page again to see what is.",
    413: "That is larger than the desk takes.",
    429: "Too many tries. Wait a minute, then try again.",
  };

  function trouble(status) {
    return TROUBLE[status] ?? `The desk could not do that, and changed nothing. ${KEPT}`;
  }

  // ---- Times -------------------------------------------------------------------------------------

  const language = document.documentElement.lang;
  // American English writes "min." and "hr.", with a point.
  const relative = new Intl.RelativeTimeFormat(language === "en" ? "en-GB" : language, {
    numeric: "auto",
    style: "short",
  });

  function ago(moment) {
    const minutes = Math.round((Date.now() - moment) / 60_000);
    if (minutes < 0 || minutes >= 7 * 24 * 60) return null;
    if (minutes < 1) return "just now";
    if (minutes < 60) return relative.format(-minutes, "minute");
    if (minutes < 24 * 60) return relative.format(-Math.round(minutes / 60), "hour");
    return relative.format(-Math.round(minutes / (24 * 60)), "day");
  }

  function tellTimes() {
    for (const time of all("time[data-relative]")) {
      time.dataset.full ??= time.textContent;
      time.textContent = ago(Date.parse(time.dateTime)) ?? time.dataset.full;
    }
  }

  // ---- Forms: once, after a question, and from the keyboard -----------------------------------------

  const sending = new WeakSet();

  function lock(form, submitter) {
    sending.add(form);
    submitter?.setAttribute("aria-disabled", "true");
    submitter?.setAttribute("aria-busy", "true");
  }

  function unlock(form) {
    sending.delete(form);
    for (const button of all("[aria-busy]", form)) {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("aria-busy");
    }
  }

  function ask(words, answer) {
    const dialog = document.createElement("dialog");
    const form = document.createElement("form");
    const question = document.createElement("p");
    const actions = document.createElement("div");
    const no = document.createElement("button");
    const yes = document.createElement("button");
    form.method = "dialog";
    question.id = "question";
    question.textContent = words;
    dialog.setAttribute("aria-labelledby", question.id);
    actions.className = "actions";
    no.className = "btn push";
    no.textContent = "Cancel";
    no.value = "no";
    yes.className = "btn main";
    yes.textContent = answer;
    yes.value = "yes";
    actions.append(no, yes);
    form.append(question, actions);
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
    return new Promise((done) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        done(dialog.returnValue === "yes");
      });
    });
  }

  const confirmed = new WeakSet();

  // Before htmx, which listens on the form itself.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const submitter = event.submitter;
      if (sending.has(form)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const question = submitter?.dataset.confirm ?? form.dataset.confirm;
      if (!question || confirmed.delete(form)) return;
      event.preventDefault();
      event.stopPropagation();
      ask(question, submitter?.textContent.trim() || "Yes").then((agreed) => {
        if (!agreed) return submitter?.focus();
        confirmed.add(form);
        form.requestSubmit(submitter);
      });
    },
    true,
  );

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    lock(form, event.submitter);
    // An answer that is a download leaves the page as it is.
    setTimeout(() => unlock(form), 10_000);
  });

  addEventListener("pageshow", () => all("form").forEach(unlock));

  function send(form) {
    form.requestSubmit(find(".btn.main[type='submit']", form) ?? find("[type='submit']", form));
  }

  // Enter both changes a field and sends its form; once is enough.
  let entered = false;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.form?.matches("[data-auto]")) return;
    entered = true;
    setTimeout(() => (entered = false));
  });

  document.addEventListener("change", (event) => {
    if (!entered && event.target.form?.matches("[data-auto]")) event.target.form.requestSubmit();
  });

  // ---- Choosing many -----------------------------------------------------------------------------

  function boxes(form) {
    return [...form.elements].filter((e) => e.type === "checkbox" && !e.matches("[data-all]"));
  }

  function count(form) {
    const list = boxes(form);
    const chosen = list.filter((box) => box.checked).length;
    const every = find("[data-all]", form);
    const words = find("[data-chosen]", form);
    form.classList.toggle("chosen", chosen > 0);
    if (every) {
      every.checked = chosen > 0 && chosen === list.length;
      every.indeterminate = chosen > 0 && chosen < list.length;
    }
    if (words) {
      words.dataset.none ??= words.textContent;
      words.textContent = chosen ? `${chosen} chosen` : words.dataset.none;
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-bulk]")) return;
    if (event.target.matches("[data-all]")) {
      for (const box of boxes(form)) box.checked = event.target.checked;
    }
    count(form);
  });

  // ---- Menus and dialogs -------------------------------------------------------------------------

  function closeMenus(except) {
    for (const menu of all("details[data-menu][open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    if (event.target.closest("[data-help]")) help();
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target));

  function help() {
    closeMenus(null);
    find("#keys")?.showModal();
  }

  // ---- Copying -----------------------------------------------------------------------------------

  async function copy(words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      // Browsers keep the clipboard from pages that come by plain http.
      const box = document.createElement("textarea");
      box.value = words;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    copy(button.dataset.copy).then(() => {
      const label = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      button.dataset.label ??= label.data;
      label.data = "Copied";
      say("Copied.");
      setTimeout(() => (label.data = button.dataset.label), 2_000);
      button.focus();
    });
  });

  // ---- One of two versions --------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-put]");
    if (!button) return;
    const field = document.getElementById(button.dataset.put);
    field.value = button.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // ---- Rows --------------------------------------------------------------------------------------

  let waitingForMore = false;

  function currentRow() {
    return find("[data-row].now");
  }

  function mark(row) {
    const before = currentRow();
    if (before === row) return;
    before?.classList.remove("now");
    before?.removeAttribute("aria-current");
    row.classList.add("now");
    row.setAttribute("aria-current", "true");
  }

  function move(step) {
    const rows = all("[data-row]").filter(shown);
    const at = rows.indexOf(currentRow());
    const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (row) {
      mark(row);
      find("[data-open]", row)?.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    } else if (step > 0) {
      const more = find(".pager [hx-get]");
      waitingForMore = Boolean(more);
      more?.click();
    }
  }

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(row);
  });

  // ---- Keys --------------------------------------------------------------------------------------

  const TYPING = "textarea, select, [contenteditable], input:not([type='checkbox'], [type='radio'], [type='button'], [type='submit'])";

  function rate(position) {
    const here = document.activeElement.closest("[data-rating-choice]");
    const choice = here ?? all("[data-rating-choice]").find(shown);
    const radio = choice && all("input[type='radio']", choice)[position - 1];
    if (!radio || radio.disabled) return false;
    radio.click();
    radio.focus();
    return true;
  }

  function use(element) {
    if (element.matches(TYPING)) {
      element.focus();
      element.select?.();
    } else if (element.matches("details")) {
      element.open = true;
      find("input:not([type='hidden']), select, textarea", element)?.focus();
    } else {
      element.click();
      const place = element.hash ? document.getElementById(element.hash.slice(1)) : null;
      place?.closest("details")?.setAttribute("open", "");
      if (place) find("input:not([type='hidden']), select, textarea", place)?.focus();
    }
  }

  function press(key) {
    const name = `[data-key="${CSS.escape(key)}"]`;
    const row = currentRow();
    const target = (row && all(name, row).find(shown)) ?? all(name).find(shown);
    if (!target) return false;
    use(target);
    return true;
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    "?": help,
    x: () => find("input[type='checkbox']", currentRow() ?? document.createElement("i"))?.click(),
    Enter: () => find("[data-open]", currentRow())?.click(),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("textarea")) {
      event.preventDefault();
      send(target.form);
      return;
    }
    if (event.key === "Escape") {
      const menu = find("details[data-menu][open]");
      closeMenus(null);
      if (menu) find("summary", menu).focus();
      else if (target.matches("#find")) target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPING)) return;
    if (find("dialog[open]")) return;
    if (event.key === "Enter" && (target !== document.body || !currentRow())) return;
    if (/^[1-9]$/.test(event.key)) {
      if (rate(Number(event.key))) event.preventDefault();
      return;
    }
    const rows = event.key === "j" || event.key === "k" ? find("[data-row]") : true;
    if (rows && KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key]();
    } else if (press(event.key)) {
      event.preventDefault();
    }
  });

  // ---- htmx: the token, one request a form, focus and words after a swap ---------------------------------

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") {
      event.detail.headers["X-CSRFToken"] = find("meta[name='csrf-token']").content;
    }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (!form.matches("form[method='post']")) return;
    if (sending.has(form)) event.preventDefault();
    else lock(form, event.detail.requestConfig.triggeringEvent?.submitter);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.matches("form")) unlock(event.detail.elt);
  });

  function refusal(xhr) {
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    return find("#refused > p", answer)?.textContent.trim();
  }

  let focusWasInside = false;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    const focused = document.activeElement;
    focusWasInside = focused !== document.body && target.contains(focused);
    if (xhr.status >= 400) {
      // A refusal is said above the page, so that the form below it stays as it was typed.
      const words = refusal(xhr);
      if (words) {
        event.detail.shouldSwap = event.detail.isError = false;
        complain(words, xhr.status < 500 ? "refused" : "error");
      }
    } else if (/^\s*<!doctype/i.test(xhr.responseText) && target !== document.body) {
      // A whole page is no part of this one: go there.
      event.detail.shouldSwap = false;
      location.assign(xhr.responseURL);
    }
  });

  // What rides along out of band says its words, and leaves the focus to what was asked for.
  const alongside = new WeakSet();
  document.addEventListener("htmx:oobAfterSwap", (event) => alongside.add(event.target));

  // Evidence was added or taken away while a verdict is being written: what was unticked stays so.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id !== "rests_on") return;
    for (const box of all("input:not(:checked)", target)) {
      const same = find(`input[value="${box.value}"]`, fragment);
      if (same) same.checked = false;
    }
  });

  function settle(region) {
    if (!alongside.has(region)) focusIn(region);
    const words = region.dataset.say ?? find("[data-say]", region)?.dataset.say;
    if (words) say(words);
  }

  function focusIn(region) {
    const wanted = find("[data-focus]", region) ?? find("[autofocus], .wrong :is(input, select, textarea)", region);
    if (region.matches("[data-focus]")) {
      region.focus();
    } else if ((focusWasInside || wanted?.matches("[data-focus]")) && wanted) {
      wanted.focus();
    } else if (focusWasInside && document.activeElement === document.body) {
      const heading = find("[data-open]", region) ?? find("h1, h2, h3, legend", region) ?? region;
      if (!heading.matches("a[href], button")) heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    focusWasInside = false;
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.isConnected) return;
    settle(event.target);
    tellTimes();
    all("form[data-bulk]").forEach(count);
    letClose();
    if (waitingForMore) {
      waitingForMore = false;
      move(1);
    }
  });

  document.addEventListener("desk:times", tellTimes);
  document.addEventListener("desk:refused", (event) => complain(event.detail, "refused"));
  document.addEventListener("htmx:responseError", (event) => complain(trouble(event.detail.xhr.status)));
  document.addEventListener("htmx:sendError", () => complain(trouble(0)));
  document.addEventListener("htmx:timeout", () => complain(trouble(0)));

  // ---- At the start ------------------------------------------------------------------------------

  all("[data-help]").forEach((button) => (button.hidden = false));
  all("form[data-bulk]").forEach(count);
  letClose();
  tellTimes();
  setInterval(tellTimes, 60_000);

  // On paper, "two minutes ago" means nothing.
  addEventListener("beforeprint", () => {
    for (const time of all("time[data-full]")) time.textContent = time.dataset.full;
  });
  addEventListener("afterprint", tellTimes);
})();
