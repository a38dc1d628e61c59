/** A dev server that refuses the preview's host name, and the setting of the project that admits it. */
export interface HostBlock {
  readonly framework: string;
  readonly setting: string;
}

export interface HostCheck extends HostBlock {
  readonly status: number;
  /** Matches the start of the body. */
  readonly body: RegExp;
  /** The text is so general that it counts only where the framework is known to run. */
  readonly onlyWhenKnown?: true;
}

const webpackRefusal = /^\s*Invalid Host(?:\/Origin)? header\s*$/i;

/** The more particular ones first: several frameworks share webpack's sentence. */
export const hostChecks: readonly HostCheck[] = [
  {
    framework: "vite",
    setting: "server.allowedHosts in the Vite config",
    status: 403,
    body: /^\s*Blocked request\. This host \(.*\) is not allowed/i,
  },
  {
    framework: "angular",
    setting: "allowedHosts in the serve options of angular.json",
    status: 403,
    body: /<.*Blocked request\. This host \(.*\) is not allowed/is,
  },
  {
    framework: "rspack",
    setting: "devServer.allowedHosts in the Rspack config",
    status: 403,
    body: webpackRefusal,
    onlyWhenKnown: true,
  },
  {
    framework: "webpack",
    setting: "devServer.allowedHosts in the webpack config",
    status: 403,
    body: webpackRefusal,
  },
  {
    // its status is that of a page
    framework: "vue-cli",
    setting: "devServer.allowedHosts in vue.config.js",
    status: 200,
    body: webpackRefusal,
  },
  {
    framework: "create-react-app",
    setting: "DANGEROUSLY_DISABLE_HOST_CHECK=true in the environment",
    status: 200,
    body: webpackRefusal,
    onlyWhenKnown: true,
  },
  {
    framework: "next",
    setting: "allowedDevOrigins in the Next config",
    status: 403,
    body: /^\s*Unauthorized\s*$/,
    onlyWhenKnown: true,
  },
  {
    framework: "django",
    setting: "ALLOWED_HOSTS in the Django settings",
    status: 400,
    body: /<title>DisallowedHost\b|Invalid HTTP_HOST header/i,
  },
  {
    framework: "rails",
    setting: "config.hosts in config/environments/development.rb",
    status: 403,
    body: /Blocked hosts?:/i,
  },
  {
    framework: "bun-html",
    setting: "no host at all: Bun's server of HTML files admits local names only",
    status: 403,
    body: /Host header does not match the dev server/i,
  },
];
