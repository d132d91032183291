// Ctrl K, ⌘ K and / go to the field that finds a company, from wherever nobody is writing.
const field = document.querySelector("[data-find]");
const isWriting = (at) => at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName);

addEventListener("keydown", (event) => {
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target);
  if (!(isK || isSlash) || !field?.checkVisibility()) return;
  event.preventDefault();
  field.focus();
  field.select();
});
