import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 300],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-properties": ["error",
        { property: "innerHTML", message: "text is never HTML here: use textContent" },
        { property: "outerHTML", message: "text is never HTML here" },
        { property: "insertAdjacentHTML", message: "text is never HTML here" }],
      "prefer-const": "error",
    },
  },
  { files: ["test/**", "*.js"], languageOptions: { globals: { ...globals.node } } },
];
