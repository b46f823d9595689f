/**
 * Texts to try, written for this page: several emotions, emoji, an address in capitals, negation,
 * none at all, and one of many sentences.
 */

const LETTER = `I finally moved to the coast last week. The flat is tiny, but I love the light in the \
morning! On Monday the van broke down with everything we own inside. I was so angry that I shouted at \
the driver, and I still feel awful about it. He was kind, though. Thank you, Tom, if you ever read \
this. Why do we pack so many things that we never need? At night it gets very quiet and I miss my \
friends. Yesterday I saw a seal from my window, wow! I'm nervous about the new job on Thursday. \
Wish me luck. I think it's going to be alright.`;

/** What the buttons say, and what they put into the text. */
export const EXAMPLES = [
  {
    title: "Thanks and surprise",
    text: "I can't believe you came all this way. Thank you so much!",
  },
  {
    title: "Laughing and crying",
    text: "I laughed so hard I cried, but now I miss my old dog 😢",
  },
  { title: "Emoji and capitals", text: "You did it!!! 🎉🎉 I am SO proud of you" },
  { title: "A “not”", text: "That was not funny at all." },
  { title: "Just facts", text: "The library opens at nine and closes at six on weekdays." },
  { title: "A letter", text: LETTER },
];
