/** What a watcher prints when it starts the server again: lines before it tell of a run that is over. */
export const restarts: readonly RegExp[] = [
  /^\[nodemon\] (?:restarting|starting `)/,
  /^Restarting '/,
  /\[tsx\] .*(?:Rerunning|Restarting)\.\.\./,
  /^\[INFO\] [\d:]+ Restarting: /,
  /^Watcher (?:File change detected|Restarting)/,
  /File change detected\. Starting incremental compilation/,
  /detected (?:file )?changes? in .*Reloading/i,
  /^\S.* changed, reloading\.$/,
  /^\* (?:Detected change in .*reloading|Restarting with )/,
];
