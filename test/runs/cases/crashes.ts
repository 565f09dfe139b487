it('ends the whole process', () => process.exit(0));
