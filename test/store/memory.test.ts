import { openMemoryStore } from '../../src/store/memory.ts';
import { storeConformance } from './conformance.ts';

storeConformance('memory', async () => {
  const store = openMemoryStore('live');
  return { store, end: () => store.close() };
});
