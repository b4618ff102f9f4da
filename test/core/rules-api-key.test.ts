/** What an API key may be registered as. */
import {
  API_KEY_DRAFT_RULES, type ApiKeyDraft, refuseApiKeyDraft,
} from '../../src/core/decide/manage/api-key-rules.ts';
import { testRules } from './rule-cases.ts';

const UUID = 'f03741b6-f634-48d6-9308-c8fb871150c2';

function draft(over: Partial<ApiKeyDraft> = {}): ApiKeyDraft {
  return {
    id: '8',
    name: 'A program',
    secret: UUID,
    partner: true,
    first_party: false,
    challenge_required: false,
    has_password: false,
    ...over,
  };
}

const secret = (text: string) => draft({ secret: text });
const EIGHT = 'abcdefgh';

testRules<ApiKeyDraft>({
  name: 'rules of registering an API key',
  table: API_KEY_DRAFT_RULES,
  judge: refuseApiKeyDraft,
  cases: {
    'api_key.id': {
      passes: { 'one digit': draft({ id: '8' }), 'nine digits': draft({ id: '9'.repeat(9) }) },
      refuses: {
        'nothing': draft({ id: '' }),
        'zero': draft({ id: '0' }),
        'ten digits': draft({ id: '1'.repeat(10) }),
        'a 0 before it': draft({ id: '08' }),
        'a sign': draft({ id: '-8' }),
        'a letter': draft({ id: '8a' }),
        'a line end behind it': draft({ id: '8\n' }),
      },
    },
    'api_key.name_form': {
      passes: { '80 characters': draft({ name: 'n'.repeat(80) }) },
      refuses: {
        'nothing': draft({ name: '' }),
        '81 characters': draft({ name: 'n'.repeat(81) }),
        'a zero-width space': draft({ name: 'A\u200bprogram' }),
        'a blank at its end': draft({ name: 'A program ' }),
      },
    },
    'api_key.secret_form': {
      passes: {
        'a UUID': secret(UUID),
        '32 characters': secret(EIGHT.repeat(4)),
        '256 characters': secret(EIGHT.repeat(32)),
      },
      refuses: {
        'nothing': secret(''),
        '31 characters': secret(EIGHT.repeat(4).slice(1)),
        '257 characters': secret(`${EIGHT.repeat(32)}a`),
        'seven different characters': secret('abcdefg'.repeat(6)),
        'a blank': secret(`${UUID} `),
        'a line end behind it': secret(`${UUID}\n`),
        'a letter outside ASCII': secret(`${UUID}é`),
      },
    },
    'api_key.challenge': {
      passes: {
        'a first-party key that must answer': draft({
          first_party: true, challenge_required: true,
        }),
        'a first-party key that may': draft({ first_party: true }),
      },
      refuses: { 'another key that must': draft({ challenge_required: true }) },
    },
    'api_key.password': {
      passes: {
        'a password of a customer\'s own key': draft({ partner: false, has_password: true }),
        'a customer\'s own key without one': draft({ partner: false }),
      },
      refuses: { 'a password of a partner\'s key': draft({ has_password: true }) },
    },
  },
});
