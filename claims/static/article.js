// The article beside its claims: the open claim is lit in the text, and selected words become a claim.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const CONTEXT = 32;

  // ---- The claim that is open --------------------------------------------------------------------

  function light(scroll) {
    const open = find("#panel")?.dataset.claim;
    for (const mark of all("mark[data-claims]")) {
      const now = Boolean(open) && mark.dataset.claims.split(" ").includes(open);
      mark.classList.toggle("now", now);
      if (!now) mark.removeAttribute("aria-current");
      const link = find("a", mark);
      if (now && mark.dataset.claims.split(" ")[0] === open) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const first = open && document.getElementById(`claim-${open}`);
    if (first && scroll) first.scrollIntoView({ block: "nearest" });
  }

  // ---- Where a selection lies, in code points ------------------------------------------------------

  const points = (text) => [...text].length;

  function paragraphOf(node) {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    return element?.closest("[data-markable] p[data-start]");
  }

  // A range may begin or end between paragraphs: what counts is the words of each that it covers.
  function covered(range) {
    const parts = [];
    for (const paragraph of all("[data-markable] p[data-start]")) {
      if (!range.intersectsNode(paragraph)) continue;
      const inside = document.createRange();
      inside.selectNodeContents(paragraph);
      const before = inside.cloneRange();
      if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) {
        inside.setStart(range.startContainer, range.startOffset);
      }
      if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) {
        inside.setEnd(range.endContainer, range.endOffset);
      }
      const words = inside.toString();
      before.setEnd(inside.startContainer, inside.startOffset);
      const start = Number(paragraph.dataset.start) + points(before.toString());
      if (words.trim()) parts.push({ paragraph, words, start, before: before.toString() });
    }
    return parts;
  }

  function pointed(range) {
    const parts = covered(range);
    if (!parts.length) return null;
    const [first] = parts;
    const last = parts.at(-1);
    const blank = first.words.length - first.words.trimStart().length;
    const after = document.createRange();
    after.selectNodeContents(last.paragraph);
    const start = parts.length === 1 ? first.before.length : last.before.length;
    const whole = last.paragraph.textContent;
    const end = start + last.words.trimEnd().length;
    const lead = first.before + first.words.slice(0, blank);
    return {
      quotation: parts.map((part) => part.words).join("\n").trim(),
      start: first.start + points(first.words.slice(0, blank)),
      end: last.start + points(last.words.trimEnd()),
      prefix: [...lead].slice(-CONTEXT).join(""),
      suffix: [...whole.slice(end)].slice(0, CONTEXT).join(""),
    };
  }

  // ---- What a selection offers -----------------------------------------------------------------------

  let selected = null;

  const waiting = () => find("#panel form[data-pointer]");

  // A form says by its fields what it wants to know of a selection.
  function put(known, form) {
    for (const [name, value] of Object.entries(known)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
  }

  function offer() {
    const form = find("#offer");
    if (!form) return;
    const selection = getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const inText = range && (paragraphOf(range.startContainer) || paragraphOf(range.endContainer));
    selected = inText ? pointed(range) : null;
    form.hidden = !selected;
    if (!selected) return;
    put(selected, form);
    find("span", form).textContent = waiting() ? "Use these words" : form.dataset.offers;
    const origin = (form.offsetParent ?? document.body).getBoundingClientRect();
    const rects = range.getClientRects();
    const box = rects[rects.length - 1] ?? range.getBoundingClientRect();
    const rightmost = document.documentElement.clientWidth - form.offsetWidth - 8;
    form.style.top = `${box.bottom - origin.top + 6}px`;
    form.style.left = `${Math.max(8, Math.min(box.left, rightmost)) - origin.left}px`;
  }

  function fill(form) {
    for (const choice of all("#places", form)) {
      const start = document.createElement("input");
      start.type = "hidden";
      start.name = "start";
      choice.replaceWith(start);
    }
    const { quotation, statement } = form.elements;
    // A statement that is still the quotation goes along with it.
    if (statement && [quotation.value.trim(), ""].includes(statement.value.trim())) {
      statement.value = selected.quotation;
    }
    put(selected, form);
    quotation.focus();
    getSelection().removeAllRanges();
    find("#said").textContent = "The words are in the form.";
  }

  let resting;
  document.addEventListener("selectionchange", () => {
    clearTimeout(resting);
    resting = setTimeout(offer, 150);
  });
  addEventListener("resize", offer);

  // Pressing the button must not undo the selection before it is used.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("#offer")) event.preventDefault();
  });

  document.addEventListener(
    "submit",
    (event) => {
      if (event.target.id !== "offer") return;
      const form = waiting();
      if (form && selected) {
        event.preventDefault();
        event.stopImmediatePropagation();
        fill(form);
      }
      find("#offer").hidden = true;
    },
    true,
  );

  // ---- Choosing words by keyboard ------------------------------------------------------------------

  const HOW = "The arrows choose words of it, with Shift more of them; Enter uses them.";

  function letChoose() {
    for (const text of all("[data-markable]")) {
      text.tabIndex = 0;
      text.setAttribute("role", "group");
      text.setAttribute("aria-label", `${text.dataset.markable}. ${HOW}`);
    }
  }

  // A page has no caret to see, so that the word it stands at is selected.
  function choose(text, key, more) {
    const selection = getSelection();
    if (!text.contains(selection.focusNode)) {
      const visible = all("p[data-start]", text).find((p) => p.getBoundingClientRect().bottom > 0);
      if (!visible) return;
      selection.collapse(visible, 0);
      if (!more) return selection.modify("extend", "forward", "word");
    }
    const leftwards = getComputedStyle(paragraphOf(selection.focusNode) ?? text).direction === "rtl";
    const forward = key === "ArrowDown" || key === (leftwards ? "ArrowLeft" : "ArrowRight");
    const way = forward ? "forward" : "backward";
    const step = key === "ArrowDown" || key === "ArrowUp" ? "line" : "word";
    if (more) {
      selection.modify("extend", way, step);
    } else {
      if (forward && step === "word") selection.collapseToEnd();
      else selection.collapseToStart();
      if (!forward || step === "line") selection.modify("move", way, step);
      selection.modify("extend", "forward", "word");
    }
    selection.focusNode?.parentElement?.scrollIntoView({ block: "nearest" });
    find("#said").textContent = selection.toString();
  }

  document.addEventListener("keydown", (event) => {
    const text = event.target;
    if (!text.matches?.("[data-markable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      choose(text, event.key, event.shiftKey);
    } else if (event.key === "Enter") {
      event.preventDefault();
      offer();
      if (selected) find("#offer [type='submit']").click();
    }
  });

  letChoose();

  // A drag that ends on a link selects words; it does not open the claim.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("mark a");
      const selection = getSelection();
      if (link && !selection.isCollapsed && selection.containsNode(link, true)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );

  // Whoever looks for words in another part keeps what is in the form.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id === "panel" && waiting()) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (!["panel", "reader", "reading"].includes(event.target.id)) return;
    light(true);
    letChoose();
    // A form that came or went changes what a selection is for.
    offer();
  });
})();
