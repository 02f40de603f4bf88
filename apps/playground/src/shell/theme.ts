import { h } from "../dom.ts";

const themes = ["auto", "light", "dark"] as const;
const words = { auto: "as the system", light: "light", dark: "dark" };
const signs = { auto: "◐", light: "○", dark: "●" };

/** Light or dark: as the system has it, until the visitor says otherwise. */
export function themeSwitch(): HTMLButtonElement {
  let theme = themes.find((name) => name === stored()) ?? "auto";
  const button = h("button", {
    type: "button",
    className: "theme",
    onclick: () => show(themes[(themes.indexOf(theme) + 1) % 3] ?? "auto"),
  });
  const show = (next: (typeof themes)[number]): void => {
    theme = next;
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    button.textContent = `${signs[theme]} ${theme}`;
    button.setAttribute("aria-label", `Colours: ${words[theme]}`);
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Where nothing may be kept, the choice lasts as long as the page.
    }
  };
  show(theme);
  return button;
}

function stored(): string | null {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}
