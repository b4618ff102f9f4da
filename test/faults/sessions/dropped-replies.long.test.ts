import { checkDroppedReplies } from './dropped-replies.ts';

checkDroppedReplies(5_000);
