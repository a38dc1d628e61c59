export default {
  // the lock file of a folder above must not make that folder the root
  turbopack: { root: import.meta.dirname },
};
