import { storeConformance } from './conformance.ts';
import { openTemporary } from './temporary-store.ts';

storeConformance('sqlite', openTemporary);
