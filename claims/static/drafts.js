// Drafts: what a member types is kept in their browser until the desk is known to have it.
"use strict";

(() => {
  const PREFIX = "draft";
  const DAY = 24 * 60 * 60 * 1000;
  const LONGEST = 60 * DAY;
  const TOKENS = ["csrf_token", "once"];
  const member = document.body.dataset.member;
  if (!member) return;

  // ---- What is kept ------------------------------------------------------------------------------

  function stored() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(`${PREFIX}\n`))
        .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
    } catch {
      // A browser that keeps nothing for pages.
      return [];
    }
  }

  function store({ key, ...draft }) {
    try {
      localStorage.setItem(key, JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  const drop = (draft) => localStorage.removeItem(draft.key);

  // A form is known by where it goes; what it is about, such as the version of a record, is part of
  // the key, so that what was typed on another version stays beside it.
  const place = (form) => `${PREFIX}\n${member}\n${new URL(form.action).pathname}\n`;

  function about(form) {
    const hidden = [...form.elements].filter((e) => e.type === "hidden" && e.name && !TOKENS.includes(e.name));
    return Object.fromEntries(hidden.map((e) => [e.name, e.value]));
  }

  const drafts = (form) => stored().filter((draft) => draft.key.startsWith(place(form)));

  // ---- The fields of a form ------------------------------------------------------------------------

  const TYPED = "textarea, input:is([type='text'], [type='url'], [type='email'], [type='number'], :not([type]))";
  const CHOSEN = "select, input:is([type='radio'], [type='checkbox'])";

  function keeps(form) {
    return (
      form.method === "post" &&
      // What chooses or only finds something saves nothing that could be lost.
      !form.matches("[data-bulk], [data-finds]") &&
      [...form.elements].some((e) => e.matches(TYPED) && !e.readOnly) &&
      ![...form.elements].some((e) => e.type === "password")
    );
  }

  // Every field with a name of its own: one of several boxes by its value, one of several texts by its place.
  function fields(form) {
    const times = {};
    return [...form.elements]
      .filter((e) => e.name && e.matches(`${TYPED}, ${CHOSEN}`) && !e.readOnly)
      .map((element) => {
        const boxed = element.matches("[type='radio'], [type='checkbox']");
        const mark = boxed ? element.value : (times[element.name] = (times[element.name] ?? -1) + 1);
        return { element, boxed, id: `${element.name}\n${mark}` };
      });
  }

  function preset({ element, boxed }) {
    if (boxed) return element.defaultChecked;
    if (!element.options) return element.defaultValue;
    const options = [...element.options];
    return (options.find((option) => option.defaultSelected) ?? options[0])?.value;
  }

  const held = ({ element, boxed }) => (boxed ? element.checked : element.value);

  // What differs from what the desk wrote into the form.
  function typed(form) {
    const changed = fields(form).filter((field) => held(field) !== preset(field));
    return Object.fromEntries(changed.map((field) => [field.id, held(field)]));
  }

  function write(form, values, context = {}) {
    for (const field of fields(form)) {
      const value = values[field.id] ?? preset(field);
      if (field.boxed) field.element.checked = value;
      else field.element.value = value;
    }
    // Where a passage begins belongs to its words; what the form was opened with is what was read.
    for (const [name, value] of Object.entries(context)) {
      const hidden = form.elements[name];
      if (!["version", "opened"].includes(name) && hidden?.type === "hidden") hidden.value = value;
    }
  }

  // ---- Keeping -----------------------------------------------------------------------------------

  const changed = new Map();
  const abouts = new WeakMap();

  function save(form, sent = false) {
    clearTimeout(changed.get(form));
    changed.delete(form);
    const key = place(form) + JSON.stringify(abouts.get(form) ?? about(form));
    const values = typed(form);
    if (!Object.keys(values).length) return drop({ key });
    const once = form.elements.once?.value;
    const fits = store({ key, at: Date.now(), once, sent, values, context: about(form) });
    if (!fits) tell(form, "This is too long to be kept in this browser: save it soon.");
    return undefined;
  }

  function keep(event) {
    const form = event.target.form;
    if (!form || !abouts.has(form)) return;
    clearTimeout(changed.get(form));
    changed.set(form, setTimeout(() => save(form), 400));
  }

  const saveAll = () => [...changed.keys()].forEach((form) => save(form));

  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  // Before the form goes, with its page or from it.
  document.addEventListener("htmx:beforeSwap", saveAll);
  addEventListener("pagehide", saveAll);
  document.addEventListener("visibilitychange", () => document.hidden && saveAll());

  // ---- Gone back to --------------------------------------------------------------------------------

  // Who goes back to a form that was sent may get its page anew from the desk, with another token:
  // it counts as the form that was sent all the same.
  document.addEventListener("submit", (event) => {
    const once = event.target.elements?.once?.value;
    if (event.defaultPrevented || event.target.method !== "post" || !once) return;
    const sent = { ...history.state?.sent, [place(event.target)]: once };
    history.replaceState({ ...history.state, sent }, "");
  });

  for (const form of document.forms) {
    const once = form.method === "post" && history.state?.sent?.[place(form)];
    if (once && form.elements.once) form.elements.once.value = once;
  }

  // ---- Sent --------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!abouts.has(form)) return;
    save(form, true);
    // What came back from an earlier try is on its way in this one.
    const once = form.elements.once?.value;
    for (const draft of drafts(form).filter((draft) => draft.sent)) store({ ...draft, once });
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig.elt;
    if (!abouts.has(form) || requestConfig.verb !== "post" || xhr.status < 200 || xhr.status >= 300) return;
    clearTimeout(changed.get(form));
    changed.delete(form);
    drafts(form)
      .filter((draft) => draft.sent)
      .forEach(drop);
  });

  // Whether the desk has it: asked of what was sent, as an answer may have got lost on its way.
  async function taken(draft) {
    try {
      const address = document.body.dataset.receipts.replace(/token$/, encodeURIComponent(draft.once));
      const { status } = await fetch(address, { headers: { "HX-Request": "true" } });
      if (status === 204) drop(draft);
      else if (status === 404) store({ ...draft, sent: false });
    } catch {
      // Nobody knows; the words stay.
    }
  }

  const clear = (list) => Promise.all(list.filter((draft) => draft.sent && draft.once).map(taken));

  // ---- Putting back --------------------------------------------------------------------------------

  function tell(form, words, at, ...choices) {
    let line = form.querySelector(":scope > .kept");
    if (!line) {
      line = document.createElement("p");
      line.className = "kept small soft";
      line.setAttribute("role", "status");
      form.prepend(line);
    }
    line.replaceChildren(words);
    if (at) {
      const time = document.createElement("time");
      time.dateTime = new Date(at).toISOString();
      time.dataset.relative = "";
      time.textContent = new Date(at).toLocaleString();
      line.append(" ", time);
    }
    for (const [label, act] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = label;
      button.addEventListener("click", act);
      line.append(" · ", button);
    }
    document.dispatchEvent(new CustomEvent("desk:times"));
  }

  const discarding = (form, draft, back) => () => {
    const context = about(form);
    drop(draft);
    write(form, {}, abouts.get(form));
    tell(form, "Discarded.", null, [
      "Undo",
      () => {
        store(draft);
        write(form, draft.values, context);
        back();
      },
    ]);
  };

  function putBack(form, draft) {
    form.closest("details")?.setAttribute("open", "");
    write(form, draft.values);
    const again = () => tell(form, "Kept from", draft.at, ["Discard", discarding(form, draft, again)]);
    again();
  }

  // It was typed on another version, or about other words: both stay within reach.
  function offer(form, draft) {
    const mine = () => {
      form.closest("details")?.setAttribute("open", "");
      write(form, draft.values, draft.context);
      drop(draft);
      draft = { ...draft, key: place(form) + JSON.stringify(abouts.get(form)) };
      store(draft);
      tell(form, "In the form is what you typed", draft.at, ["Show what stands now", theirs], ["Discard", discarding(form, draft, mine)]);
    };
    const theirs = () => {
      write(form, {}, abouts.get(form));
      ask();
    };
    const ask = () =>
      tell(form, "This is not as it was when you typed here", draft.at, ["Put back what I typed", mine], ["Discard", discarding(form, draft, ask)]);
    ask();
  }

  async function open(form) {
    if (abouts.has(form) || !keeps(form)) return;
    abouts.set(form, about(form));
    // What the desk gives back is newer than what is kept of it.
    if (form.matches("[data-given-back]") || form.querySelector(".wrong")) return;
    await clear(drafts(form));
    if (!form.isConnected) return;
    const found = drafts(form).sort((one, other) => other.at - one.at);
    const own = found.find((draft) => draft.key === place(form) + JSON.stringify(abouts.get(form)));
    const draft = own ?? found[0];
    if (!draft) return;
    if (own && !changed.has(form)) putBack(form, own);
    else offer(form, draft);
  }

  const openIn = (root) => {
    if (root.matches("form")) open(root);
    root.querySelectorAll("form").forEach(open);
  };

  const old = stored().filter((draft) => draft.at < Date.now() - LONGEST);
  old.forEach(drop);
  clear(stored().filter((draft) => draft.key.startsWith(`${PREFIX}\n${member}\n`)));
  openIn(document.body);
  document.addEventListener("htmx:load", (event) => openIn(event.detail.elt));
})();
