/** The questions asked about every zone of the signed internet, one kind of proof each. */
import { type Content, nameIn, type Zone } from './signed-zone.js';
import { signedInternetZones } from './signed-zones.js';

export interface Question {
  readonly name: string;
  readonly type: string;
}

const APEX = '@ SOA NS DNSKEY DS';

/** Owner relative to the zone, then the types asked for. */
const ABOUT: Readonly<Record<Content, readonly string[]>> = {
  furnished: [
    `${APEX} A TXT AAAA`,
    'www AAAA MX DS',
    'none A DS',
    'below.none TXT',
    'alias A MX',
    'to-secure A',
    'to-insecure A MX',
    'to-bogus A',
    'to-nothing A',
    'ent A DS',
    'b.ent A',
    'x.y.z TXT',
    'y.z A',
    'wild A',
    'made.wild A AAAA DS',
    'made.deeply.wild A',
    'b.wild A TXT',
    'below.b.wild A',
    'made.many A MX',
    'tree DNAME A',
    'made.tree A AAAA',
    'made.out A AAAA',
    'plain DS NS A',
    'www.plain A MX',
    'none.plain A',
  ],
  few: [APEX, 'www A MX DS', 'old A', 'none A', 'alias A MX', 'ent A', 'made.wild A MX'],
  above: [],
  delegations: [`${APEX} TXT MX`, 'none A DS', 'below.none A', 'ns A AAAA'],
};

/** No question twice. */
export function signedInternetQuestions(): Question[] {
  const asked = new Map<string, Question>();
  for (const question of signedInternetZones.flatMap(questionsAbout)) {
    asked.set(`${question.name} ${question.type}`, question);
  }
  return [...asked.values()];
}

function questionsAbout({ name: zone, content }: Zone): Question[] {
  return ABOUT[content].flatMap((line) => {
    const [owner, ...types] = line.split(' ');
    return types.map((type) => ({ name: nameIn(zone, owner!), type }));
  });
}
