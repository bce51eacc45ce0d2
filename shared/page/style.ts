import { createHash } from 'node:crypto';

/**
 * The style sheets of the customer's pages, inside the page: a phone on a slow line shows it with the first answer. A page
 * takes the base and one more, so that none carries another's rules.
 * No `:has()`, no nesting, no `inset`: WeChat's browser on an old phone must show them right.
 */
const base = `
:root{--ink:#14262b;--muted:#4d6167;--brand:#0b5f59;--brand-deep:#084a45;--tint:#eaf3f1;--line:#d5e0de;--page:#f2f6f5;--white:#fff;--edge:#78898d;--bad:#a32a1e}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}
a{color:var(--brand)}
a:focus-visible,button:focus-visible,summary:focus-visible,input:focus-visible,textarea:focus-visible,select:focus-visible,input:focus-visible+span{outline:3px solid #e0a100;outline-offset:2px}
.bar{background:var(--white);border-bottom:1px solid var(--line)}
.bar>div,main,footer{max-width:40rem;margin:0 auto;padding:0 1.125rem}
.bar>div{display:flex;align-items:center;justify-content:space-between;min-height:3.75rem}
.brand{display:flex;align-items:center;gap:.6rem;font-weight:650;letter-spacing:.01em}
.brand svg{flex:none}
main{padding-top:1.75rem;padding-bottom:2.5rem}
h1{font-size:1.625rem;line-height:1.25;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.0625rem;margin:2rem 0 .75rem}
p{margin:0 0 .875rem}
.lead{color:var(--muted);margin-bottom:1.375rem}
h1+.card{margin-top:1.25rem}
.card,details{background:var(--white);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px rgba(20,38,43,.04)}
.card{padding:1.25rem;margin-bottom:1rem}
.card>p:last-child{margin-bottom:0}
.spaced{margin-top:1.375rem}
.note{color:var(--muted);font-size:.9375rem;margin:.75rem 0 0}
button{display:block;width:100%;min-height:3.25rem;padding:.75rem 1.25rem;border:1px solid var(--brand);border-radius:12px;background:var(--white);color:var(--brand);font:inherit;font-weight:650;cursor:pointer;-webkit-appearance:none}
button:hover{background:var(--tint)}
button.main{background:var(--brand);color:var(--white)}
button.main:hover{background:var(--brand-deep)}
.switch a,.switch button{display:inline-block;width:auto;white-space:nowrap;min-height:0;padding:.6rem .9rem;border:1px solid var(--line);border-radius:999px;font-size:.9375rem;font-weight:400;line-height:1.2;text-decoration:none;color:var(--ink)}
fieldset{border:0;margin:0 0 1.125rem;padding:0;min-width:0}
legend,label.over{display:block;font-weight:600;margin:0 0 .5rem;padding:0}
input[type=text],input[type=tel],input[type=email],input[type=number],input[type=date],textarea{display:block;width:100%;min-height:3rem;padding:.6875rem .875rem;border:1px solid var(--edge);border-radius:10px;background:var(--white);color:inherit;font:inherit;margin:0 0 1.125rem;-webkit-appearance:none}
textarea{min-height:6.5rem;resize:vertical}
.chips{display:flex;flex-wrap:wrap;gap:.5rem}
.chips label,.rows label,.scale label{position:relative;display:block;cursor:pointer}
.chips input,.rows label input,.scale input{position:absolute;opacity:0;width:100%;height:100%;top:0;left:0;margin:0;cursor:pointer}
.chips span,.rows label span,.scale span{display:block;border:1px solid var(--edge);border-radius:10px;padding:.625rem .9375rem;background:var(--white)}
.rows label{margin-bottom:.5rem}
.rows label span{padding-left:2.75rem}
.rows label span::before{content:"";position:absolute;left:1rem;top:50%;width:1rem;height:1rem;margin-top:-.5625rem;border:1px solid #66797d;border-radius:50%}
.rows input:checked+span::before{border:5px solid var(--brand);width:.5rem;height:.5rem}
.rows input[type=checkbox]+span::before{border-radius:4px}
.rows input[type=checkbox]:checked+span::before{width:1rem;height:1rem;border:1px solid var(--brand);background:var(--brand)}
.rows input[type=checkbox]:checked+span::after{content:"";position:absolute;left:1.3125rem;top:50%;width:.3rem;height:.6rem;margin-top:-.4375rem;border:solid var(--white);border-width:0 2px 2px 0;transform:rotate(45deg)}
.chips input:checked+span,.rows input:checked+span{border-color:var(--brand);background:var(--tint);box-shadow:inset 0 0 0 1px var(--brand)}
.wrong{border-color:var(--bad);border-width:2px}
.wrong strong{color:var(--bad)}
.wrong p{margin:.25rem 0 0}
.tick{display:block;margin:0 0 1rem}
footer{padding-bottom:3rem;color:var(--muted);font-size:.9375rem}
footer .phone{display:block;margin:.125rem 0 .25rem;font-size:1.25rem;font-weight:650}
footer p{margin:0 0 .375rem}
footer .rule{border-top:1px solid var(--line);padding-top:1.375rem}
@media(min-width:34rem){body{font-size:16.5px}main{padding-top:2.75rem}h1{font-size:2rem}.card{padding:1.625rem}}
@media(prefers-reduced-motion:no-preference){button,.chips span,.rows span,.scale span{transition:background-color .12s,border-color .12s}}
@media(forced-colors:active){input:checked+span{outline:3px solid Highlight}}
@media print{.bar .switch,button,details,.choices{display:none}}
`.trim();

/** Facts, prices and folded choices. */
const pages = `
dl{display:grid;grid-template-columns:auto 1fr;gap:.375rem 1.25rem;margin:0}
dt{color:var(--muted)}
dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.price{margin:1.125rem 0 0;padding:1.125rem 0 0;border-top:1px solid var(--line)}
.price>div{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:0 1rem}
.price>div+div{margin-top:.625rem}
.price span{color:var(--muted)}
.price small{flex-basis:100%;text-align:right;color:var(--muted);font-size:.9375rem}
.price b{font-weight:550;color:var(--muted);font-variant-numeric:tabular-nums}
.price .new b{font-size:1.375rem;line-height:1.4;font-weight:700;color:var(--ink);letter-spacing:-.015em}
details{margin-bottom:.625rem}
summary{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:.9375rem 1.25rem;font-weight:600;cursor:pointer;list-style:none;border-radius:14px}
summary::-webkit-details-marker{display:none}
summary::after{content:"";flex:none;width:.5rem;height:.5rem;border:solid var(--muted);border-width:0 2px 2px 0;transform:rotate(45deg) translate(-2px,-2px)}
details[open] summary::after{transform:rotate(225deg) translate(-2px,-2px)}
details>div{padding:0 1.25rem 1.25rem}
.quiet summary{font-weight:500;color:var(--muted)}
.said{border-color:#b5d3cd;background:var(--tint)}
.said strong{display:block;font-size:1.125rem;line-height:1.4}
.said p{margin:.375rem 0 0}
@media(min-width:34rem){.price{display:grid;grid-template-columns:1fr 1fr}.price>div{display:block}.price>div+div{margin:0;border-left:1px solid var(--line);padding-left:1.375rem}.price span,.price b,.price small{display:block;text-align:left}.price span{font-size:.9375rem}.price .new b{font-size:1.75rem}}
`.trim();

/** Questions, scales and matrices. */
const survey = `
.sr{position:absolute;width:1px;height:1px;min-height:0;margin:-1px;padding:0;border:0;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap}
.steps{display:flex;align-items:center;gap:.75rem;margin:0 0 1rem;color:var(--muted);font-size:.9375rem}
.steps b{flex:1;display:flex;gap:4px}
.steps i{flex:1;height:5px;border-radius:3px;background:var(--line)}
.steps .on{background:var(--brand)}
.card.q{margin:0 0 1rem;padding:0}
.q fieldset,.q>div{margin:0;padding:1.25rem}
.q legend,.q label.over{float:left;width:100%;font-size:1.0625rem;line-height:1.45;font-weight:650;margin:0 0 .875rem}
.q legend+*,.q label.over+*{clear:both}
.q .hint{color:var(--muted);font-size:.9375rem;margin:-.5rem 0 .875rem}
.q .error{color:var(--bad);font-weight:600;font-size:.9375rem;margin:-.375rem 0 .875rem;padding-left:1.625rem;position:relative}
.q .error::before{content:"!";position:absolute;left:0;top:.2em;width:1.125rem;height:1.125rem;border-radius:50%;background:var(--bad);color:var(--white);font-size:.8125rem;line-height:1.125rem;text-align:center}
.q textarea,.q input{margin-bottom:0}
.q.bad{border-color:var(--bad);border-width:2px}
.need{color:var(--bad)}
.rows label:last-of-type{margin:0}
.rows .say{margin-top:.625rem}
.say label{display:block;font-size:.9375rem;color:var(--muted);margin-bottom:.25rem}
.scale{display:grid;grid-template-columns:repeat(6,1fr);gap:.5rem}
.n5{grid-template-columns:repeat(5,1fr)}
.n7{grid-template-columns:repeat(7,1fr);gap:.3125rem}
.scale span{padding:.6875rem 0;text-align:center;font-weight:650;font-size:1.125rem;font-variant-numeric:tabular-nums}
.scale input:checked+span{background:var(--brand);border-color:var(--brand);color:var(--white)}
.ends{display:flex;justify-content:space-between;gap:1.5rem;color:var(--muted);font-size:.9375rem;line-height:1.4;margin:.625rem 0 0}
.ends span+span{text-align:right}
.m{width:100%;border-collapse:collapse}
.m thead{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}
.m,.m tbody,.m tr,.m tbody th{display:block}
.m tbody tr{padding:.875rem 0 .375rem;border-top:1px solid var(--line)}
.m th{text-align:left;font-weight:500;padding:0}
.m tbody th{margin-bottom:.5rem}
.m td{display:inline-block;padding:0;margin:0 .5rem .5rem 0}
.card>h2{margin-top:0}
section:focus{outline:0}
form>.note{margin:0 0 1rem}
.remark{border-color:#b5d3cd;background:var(--tint);padding:1rem 1.25rem}
.quiet{border-color:transparent;background:none;margin-top:.5rem;color:var(--muted)}
.summary a{color:var(--bad)}
.summary ul{margin:.25rem 0 0;padding-left:1.25rem}
.was{margin:0}
.was dt{color:var(--muted);font-size:.9375rem;line-height:1.45}
.was dd{margin:.125rem 0 1rem;font-weight:550;overflow-wrap:anywhere;white-space:pre-line;unicode-bidi:plaintext}
.was dd:last-child{margin:0}
@media(min-width:34rem){.q fieldset,.q>div{padding:1.5rem 1.625rem}.n11{grid-template-columns:repeat(11,1fr)}.scale span{font-size:1rem}.m{display:table}.m thead{position:static;clip:auto}.m tbody{display:table-row-group}.m tr{display:table-row}.m tbody th,.m td{display:table-cell;border-top:1px solid var(--line);padding:.75rem 0;vertical-align:middle}.m thead td{border:0}.m thead th{text-align:center;font-size:.875rem;line-height:1.3;color:var(--muted);padding:0 .25rem .625rem;vertical-align:bottom}.m tbody th{padding-right:.75rem;width:34%}.m td{text-align:center}.m .chips{justify-content:center}.m{table-layout:fixed}.m td span{margin:0 auto;width:1.5rem;height:1.5rem;padding:0;border-radius:50%;overflow:hidden;text-indent:2rem;white-space:nowrap}.m td input:checked+span{background:var(--brand);box-shadow:inset 0 0 0 4px var(--white)}}
`.trim();

export const sheets = { base, pages, survey } as const;
export type Sheet = keyof typeof sheets;

/** The style sheets' hashes as sources of a content security policy. */
export const styleSources: readonly string[] = Object.values(sheets).map(
  (sheet) => `'sha256-${createHash('sha256').update(sheet).digest('base64')}'`,
);
