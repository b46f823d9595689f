/**
 * What sentences ask of a character, frozen from Unicode 14.0.0 as `characters.json` is.
 *
 * Written by dev/make_page_letters.py. Each list has runs of code points, numbers in base 36: from
 * the end of the run before to the first, how many there are if more than one, and "/" where it is
 * every other one.
 */

/** Those of which `str.isupper` is true. */
const UPPER =
  "1t+q 2u+n 2+7 y/s 3/8 3/o 1/3 4+2 2/2 1/2 1+2 3+4 2+2 2+3 4+2 2+2 2/3 1/2 3/2 1/2 1+2 2/2 1" +
  " 4 8 3 3 3/8 3/9 3 3/2 1+2 2/t 8+2 2+2 3/2 1+3 2/4 82/2 4 9 7/2 1+2 2/2 1/2 1+g 2+9 10 3+3" +
  " 4/c 6 3/2 1 3+1f 1d/h a/s 1/7 3/1c 3+12 28a+12 2 6 k3+2e 1p7+17 3+3 8x/23 a/1d a+8 9+6 b+8" +
  " 9+8 9+6 c/4 9+8 21+4 d+4 d+4 d+5 c+4 7b 5 4+3 3+3 3 4+5 7/4 1+3 3+4 b+2 6 r+g k mr+q 1f5+1c" +
  " 1d/2 1+2 3/4 1+3 2 3 9+3 2/1d 9/2 5 nym/n k/e 3s/7 4/v b/3 1/5 5/2 3/2 4/b 1+4 2+5 2/8 1+3" +
  " 2 7 6/2 t h7w+q xy+14 3t+10 4d+b 2+f 2+7 2+2 1d7+1f 2cu+w gw1+w k2p+q r+q r+q r/2 1 3 3+2" +
  " 3+4 2+8 r+q r+2 2+4 3+8 2+7 s+2 2+4 2+5 2 4+7 s+q r+q r+q r+q r+q r+q v+p y+p y+p y+p y+p y" +
  " 3ee+y 1lb+q 7+q 7+q";

/** Those of which `str.islower` is true. */
const LOWER =
  "2p+q 1c b 5 11+o 2+8 2/s 1/9 1/o 3/3 1+2 3/2 3 4+2 5 3 4+3 3 3/3 3/2 1/2 3 4/2 3+2 3+3 7 3" +
  " 3/9 1/a 1 3/2 4/u 1+6 3 3+2 2 5/5 1+1w 2+10 8+2 v+5 2p 18/2 4 3+4 j s+z 2+2 4+3 2/c 1+4 2 3" +
  " 3+2 1g+1c 2/h a/r 3/7 1/1d 1d+15 288+17 3+3 l5+6 1oj+9 3c+5c 1u/23 1+8 2/1d 1+8 9+6 b+8 9+8" +
  " 9+6 b+8 9+8 9+e 3+8 9+8 9+8 9+5 2+2 7 4+3 2+2 9+4 3+2 9+8 b+3 2+2 3e e h+d 32 4+2 4 s 5 5" +
  " 3+2 9+4 5 y+g 5 ng+q 1fr+1c 2 4+2 2/3 5/2 1/2 1+7 4/1e 1 8/2 5 d+12 2 6 nx0/n k/e 1+2 3q/7" +
  " 1+2 2/v 1+9 2/2 3/5 5/2 3/2 1+2 2/a 6 6/8 5/2 7/5 t/2 1+2 mu+17 2+d 8+28 fnl+7 d+5 tm+q" +
  " y6+14 3t+10 4c+b 2+f 2+7 2+2 ck 3+3 2+16 2+9 zq+1f 2by+w gw1+w k2j+q r+7 2+i r+q r+4 2/2" +
  " 1+6 2+b r+q r+q r+q r+q r+q r+q r+q r+q r+s t+p 2+6 r+p 2+6 r+p 2+6 r+p 2+6 r+p 2+6 2 1f9+a" +
  " 2+k 1z8+y";

/** Those of which `str.isalnum` is true besides letters and digits of `characters.json`. */
const NUMERALS =
  "4y+2 6 3+3 e6 1fc+6 ah+6 3d+3 3q+7 62+7 i+9 c2+a ty+k oi+3 74+a dd 1au 4+6 7+a 4w n+1f 3+5" +
  " k7+1o 27+m hj+u 12i lm q+9 f+3 9k+4 3v+a v+8 2+f x+a 14+f mxz+a 8x+6 hjm+19 d+1l i+2 9i+r" +
  " 11+4 u 9 3r+5 w3+8 q+7 14+9 24+5 n+6 4h+2 3+g 3+1a 1t+9 1h+2 v+3 24+5 2x+8 p+8 16+7 97+6" +
  " 9t+v 4f+a 17+4 35+7 3r+k ak+k 11i+2 bz+9 o8+j no+l to+33 e0d+7 m7+n jt6+k 31+p 47j+9 pu+1n" +
  " 2+3 2+4 25+19 2+f qr+d";

const read = (list) => {
  const found = new Set();
  let code = 0;
  for (const run of list.split(" ")) {
    const [gap, count = "1"] = run.split(/[+/]/);
    code += parseInt(gap, 36);
    for (let i = 1; i < parseInt(count, 36); i++) {
      found.add(code);
      code += run.includes("/") ? 2 : 1;
    }
    found.add(code);
  }
  return found;
};

/** @type {Set<number>} Capital letters. */
export const upper = read(UPPER);
/** @type {Set<number>} Small letters. */
export const lower = read(LOWER);
/** @type {Set<number>} What counts as part of a word and is neither a letter nor a digit there. */
export const numerals = read(NUMERALS);
