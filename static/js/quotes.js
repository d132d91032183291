// A link to a sentence opens the fold it stands in, where the browser does not do so itself.
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target?.closest("details:not([open])");
  if (!fold) return;
  fold.open = true;
  target.scrollIntoView({ block: "center" });
}

addEventListener("hashchange", open);
open();
