import { createHash } from 'node:crypto';

/**
 * What a browser adds where it runs scripts: answers are saved as they are given, what an answer brings up or takes away
 * is shown at once, and a second press of the button while the first is under way does nothing. Old words on purpose:
 * WeChat's browser on an old phone must understand it, and without it the page does all it must.
 */
export const script = `
(function(){
'use strict';
var form=document.getElementById('survey');
if(!form||!window.fetch||!window.FormData||!FormData.prototype.set||!window.DOMParser)return;
var sent=false,busy=false,again=false,over=false,typed=0,saved=entries();
function byId(id){return document.getElementById(id)}
function entries(){
  var data=new FormData(form);
  ['_version','_form','_asked'].forEach(function(name){data['delete'](name)});
  return new URLSearchParams(data).toString()
}
function list(nodes){return Array.prototype.slice.call(nodes)}
function swap(text){
  var next=new DOMParser().parseFromString(text,'text/html'),kept={};
  if(!next.getElementById('survey'))return;
  var box=byId('questions'),at=box.firstElementChild;
  list(next.getElementById('questions').children).forEach(function(fresh){
    var old=byId(fresh.id);
    kept[fresh.id]=1;
    if(old&&old.contains(document.activeElement)){at=old.nextElementSibling;return}
    var q=document.importNode(fresh,true);
    if(old){at=old.nextElementSibling;box.replaceChild(q,old)}else box.insertBefore(q,at)
  });
  list(box.children).forEach(function(q){if(!kept[q.id])box.removeChild(q)});
  ['state','steps','go'].forEach(function(id){
    var old=byId(id),fresh=next.getElementById(id);
    if(old&&fresh&&!old.contains(document.activeElement))old.innerHTML=fresh.innerHTML
  })
}
function save(leaving){
  var what=entries(),then=typed,data=new FormData(form);
  if(sent||over||what===saved)return;
  if(busy&&!leaving){again=true;return}
  data.set('_do','save');busy=true;
  fetch(form.action,{method:'POST',body:data,keepalive:!!leaving}).then(function(r){
    var version=r.headers.get('x-version');
    if(r.status>=400&&r.status<500)over=true;
    if(!r.ok)return;
    saved=what;
    if(version)form.elements._version.value=version;
    if(r.status===200)return r.text().then(function(text){if(then===typed&&!sent)swap(text)})
  }).catch(function(){}).then(function(){busy=false;if(again){again=false;save()}})
}
form.addEventListener('input',function(e){
  typed++;
  var say=e.target;
  if(say.id&&say.parentNode.className==='say'&&say.value){
    var other=form.querySelector('[data-other="'+say.id+'"]');
    if(other)other.checked=true
  }
});
form.addEventListener('change',function(){save()});
document.addEventListener('visibilitychange',function(){if(document.visibilityState==='hidden')save(true)});
form.addEventListener('submit',function(e){if(sent)e.preventDefault();sent=true});
window.addEventListener('pageshow',function(){sent=false});
})();
`.trim();

/** Address of the script: named by its content, so that a browser may keep it for ever. No token holds a dot. */
export const scriptName = `${createHash('sha256').update(script).digest('hex').slice(0, 16)}.js`;
export const scriptPath = `/s/${scriptName}`;
