describe('rejects', () => {
  it('although nobody waits', async () => {
    void Promise.reject(new Error('nobody waits'));
    await new Promise(setImmediate);
  });
});
