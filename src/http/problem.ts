/** What a caller of the HTTP endpoint did wrong: the error, in words, and the way out of it. */

export class HttpProblem extends Error {
  constructor(
    /** 400..599 */
    readonly status: number,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'HttpProblem';
  }
}

/** The JSON body of every answer that is not a success. */
export interface ProblemBody {
  readonly error: string;
  readonly hint: string;
}

export function problemBody(problem: HttpProblem): ProblemBody {
  return { error: problem.message, hint: problem.hint };
}
