/**
 * How dev servers show an error over the page. `host` is the element that is there while an error
 * is shown, `inside` narrows it where the framework keeps the element for other ends too. Their
 * text lies in the element, its open shadow root, or a frame of the page's own origin.
 */
export interface Overlay {
  readonly shownBy: string;
  readonly host: string;
  readonly inside?: string;
}

export const overlays: readonly Overlay[] = [
  { shownBy: "Vite and what builds on it: Astro, SvelteKit, Angular, React Router", host: "vite-error-overlay" },
  {
    shownBy: "Next.js, whose portal also holds the dev tools",
    host: "nextjs-portal",
    inside: '[aria-labelledby^="nextjs__container_"], [data-nextjs-dialog-overlay]',
  },
  {
    shownBy: "webpack-dev-server, Rspack, Vue CLI, Docusaurus",
    host: "#webpack-dev-server-client-overlay, #rspack-dev-server-client-overlay",
  },
  { shownBy: "Create React App", host: 'body > iframe[style*="z-index: 2147483647"]' },
  { shownBy: "Rsbuild", host: "rsbuild-error-overlay" },
  { shownBy: "Nuxt, beside a small view of its own error page", host: "nuxt-error-overlay", inside: "#frame" },
  { shownBy: "Parcel", host: "#__parcel__error__overlay__" },
  { shownBy: "Gatsby", host: "gatsby-fast-refresh" },
  { shownBy: "Storybook", host: "body.sb-show-errordisplay .sb-errordisplay" },
];
