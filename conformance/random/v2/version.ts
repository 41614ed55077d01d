/** The second deployment: it does more at a timer, behind a patch. */
export const version = 2 as 1 | 2;
