it('leaves a timer behind', () => void setInterval(() => undefined, 1_000));
