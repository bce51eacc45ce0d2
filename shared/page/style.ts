import { createHash } from 'node:crypto';

/**
 * The one style sheet of the customer's pages, inside the page: a phone on a slow line shows it with the first answer.
 * No `:has()`, no nesting: WeChat's browser on an old phone must show it right.
 */
export const style = `
:root{--ink:#14262b;--muted:#4d6167;--brand:#0b5f59;--brand-deep:#084a45;--tint:#eaf3f1;--line:#d5e0de;--page:#f2f6f5;--white:#fff;--good:#0d6b3f;--bad:#a32a1e}
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
.switch a{display:inline-block;padding:.6rem .9rem;border:1px solid var(--line);border-radius:999px;text-decoration:none;font-size:.9375rem;line-height:1.2;color:var(--ink)}
main{padding-top:1.75rem;padding-bottom:2.5rem}
h1{font-size:1.625rem;line-height:1.25;margin:0 0 .5rem;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.0625rem;margin:2rem 0 .75rem}
p{margin:0 0 .875rem}
.lead{color:var(--muted);margin-bottom:1.375rem}
h1+.card{margin-top:1.25rem}
.card,details{background:var(--white);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px rgba(20,38,43,.04)}
.card{padding:1.25rem;margin-bottom:1rem}
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
.spaced{margin-top:1.375rem}
.note{color:var(--muted);font-size:.9375rem;margin:.75rem 0 0}
button{display:block;width:100%;min-height:3.25rem;padding:.75rem 1.25rem;border:1px solid var(--brand);border-radius:12px;background:var(--white);color:var(--brand);font:inherit;font-weight:650;cursor:pointer;-webkit-appearance:none}
button:hover{background:var(--tint)}
button.main{background:var(--brand);color:var(--white)}
button.main:hover{background:var(--brand-deep)}
details{margin-bottom:.625rem}
summary{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:.9375rem 1.25rem;font-weight:600;cursor:pointer;list-style:none;border-radius:14px}
summary::-webkit-details-marker{display:none}
summary::after{content:"";flex:none;width:.5rem;height:.5rem;border:solid var(--muted);border-width:0 2px 2px 0;transform:rotate(45deg) translate(-2px,-2px)}
details[open] summary::after{transform:rotate(225deg) translate(-2px,-2px)}
details>div{padding:0 1.25rem 1.25rem}
.quiet summary{font-weight:500;color:var(--muted)}
fieldset{border:0;margin:0 0 1.125rem;padding:0;min-width:0}
legend,label.over{display:block;font-weight:600;margin:0 0 .5rem;padding:0}
input[type=text],input[type=tel],textarea{display:block;width:100%;min-height:3rem;padding:.6875rem .875rem;border:1px solid #78898d;border-radius:10px;background:var(--white);color:inherit;font:inherit;margin:0 0 1.125rem}
textarea{min-height:6.5rem;resize:vertical}
.chips{display:flex;flex-wrap:wrap;gap:.5rem}
.chips label,.rows label,.scale label{position:relative;display:block;cursor:pointer}
.chips input,.rows input,.scale input{position:absolute;opacity:0;width:100%;height:100%;inset:0;margin:0;cursor:pointer}
.chips span,.rows span,.scale span{display:block;border:1px solid #78898d;border-radius:10px;padding:.625rem .9375rem;background:var(--white)}
.rows label{margin-bottom:.5rem}
.rows span{padding-left:2.75rem}
.rows span::before{content:"";position:absolute;left:1rem;top:50%;width:1rem;height:1rem;margin-top:-.5625rem;border:1px solid #66797d;border-radius:50%}
.rows input:checked+span::before{border:5px solid var(--brand);width:.5rem;height:.5rem}
.chips input:checked+span,.rows input:checked+span{border-color:var(--brand);background:var(--tint);box-shadow:inset 0 0 0 1px var(--brand)}
.scale{display:grid;grid-template-columns:repeat(6,1fr);gap:.5rem}
.scale span{padding:.6875rem 0;text-align:center;font-weight:650;font-size:1.125rem;font-variant-numeric:tabular-nums}
.scale input:checked+span{background:var(--brand);border-color:var(--brand);color:var(--white)}
.ends{display:flex;justify-content:space-between;gap:1rem;color:var(--muted);font-size:.9375rem;margin:.625rem 0 1.375rem}
.said{border-color:#b5d3cd;background:var(--tint)}
.said strong{display:block;font-size:1.125rem;line-height:1.4}
.said p{margin:.375rem 0 0}
.wrong{border-color:var(--bad);border-width:2px}
.wrong strong{color:var(--bad)}
.wrong p{margin:.25rem 0 0}
.tick{display:block;margin:0 0 1rem}
footer{padding-bottom:3rem;color:var(--muted);font-size:.9375rem}
footer .phone{display:block;margin:.125rem 0 .25rem;font-size:1.25rem;font-weight:650}
footer p{margin:0 0 .375rem}
footer .rule{border-top:1px solid var(--line);padding-top:1.375rem}
@media(min-width:34rem){body{font-size:16.5px}main{padding-top:2.75rem}h1{font-size:2rem}.card{padding:1.625rem}.price{display:grid;grid-template-columns:1fr 1fr}.price>div{display:block}.price>div+div{margin:0;border-left:1px solid var(--line);padding-left:1.375rem}.price span,.price b,.price small{display:block;text-align:left}.price span{font-size:.9375rem}.price .new b{font-size:1.75rem}.scale{grid-template-columns:repeat(11,1fr)}.scale span{font-size:1rem}}
@media(prefers-reduced-motion:no-preference){button,.chips span,.rows span,.scale span{transition:background-color .12s,border-color .12s}}
@media print{.bar .switch,button,details,.choices{display:none}}
`.trim();

/** The style sheet's hash as a source of a content security policy. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
