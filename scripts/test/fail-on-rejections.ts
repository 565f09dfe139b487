// mocha ignores a rejection that no one handles, if there is no other listener. In an application it ends the process.
process.on('unhandledRejection', (reason) => {
  console.error('A rejection that no one handles:', reason);
  throw reason;
});
