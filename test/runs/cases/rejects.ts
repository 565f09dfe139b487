describe('rejects', () => {
  it('although nothing waits', async () => {
    void Promise.reject(new Error('nothing waits'));
    await new Promise(setImmediate);
  });
});
