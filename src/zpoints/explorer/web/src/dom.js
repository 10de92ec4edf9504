// Elements from code. What users named is text, never markup.

/** el("p", {class: "note"}, "text", child): properties that begin with "on" are listeners, others attributes. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") element[key] = value;
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const options = (entries, chosen) =>
  entries.map(([value, text]) => {
    const option = el("option", { value }, text);
    option.selected = value === chosen;
    return option;
  });

export const clear = (element, ...children) => element.replaceChildren(...children.filter((child) => child != null));

export const number = (value, digits = 2) => value.toFixed(Math.abs(value) >= 100 ? 0 : digits);

export const percent = (share) => `${(100 * share).toFixed(share > 0.0995 && (share < 0.9895 || share === 1) ? 0 : 1)} %`;

/** Offer a blob as a file. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
