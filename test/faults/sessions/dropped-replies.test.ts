import { checkDroppedReplies } from './dropped-replies.ts';

checkDroppedReplies(300);
