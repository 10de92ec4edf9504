// Figures enlarge on click or Enter; Esc, or another click, closes. Folded parts are unfolded for printing.
const zoom = document.getElementById("zoom");
for (const button of document.querySelectorAll("button.zoom")) {
  button.addEventListener("click", () => {
    zoom.replaceChildren(button.firstElementChild.cloneNode());
    zoom.showModal();
  });
}
zoom.addEventListener("click", () => zoom.close());
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
});
