import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiContext, createApi } from './api.ts';
import { SearchBox } from './parts/search-box.tsx';
import { accessToken, beginSignIn, completeSignIn, type SignInConfig, signOut } from './sign-in.ts';
import { chooseLocale, LanguageContext, texts, useLanguage } from './text.ts';
import { Calls } from './views/calls.tsx';
import { Customer } from './views/customer.tsx';
import { EnterAnswer } from './views/enter-answer.tsx';
import { NotSent, type Trouble, troubles } from './views/not-sent.tsx';
import { Overview } from './views/overview.tsx';
import { Renewals, renewalChoice } from './views/renewals.tsx';
import { Results } from './views/results.tsx';
import { Surveys } from './views/surveys.tsx';
import { Task } from './views/task.tsx';
import { type TaskList, Tasks, taskLists } from './views/tasks.tsx';

const LOCALE = 'perennial.locale';

/** Where the address's hash leads: names and opaque ids only. */
const placeOf = (hash: string): readonly string[] =>
  hash
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part));

const usePlace = (): readonly string[] => {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => {
      setHash(location.hash);
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return placeOf(hash);
};

/** What belongs to one survey. */
const OfSurvey = ({ place: [, id = '', part, customer, task] }: { place: readonly string[] }) => {
  if (part === 'calls') return <Calls survey={id} key={id} />;
  if (part === 'enter' && customer)
    return <EnterAnswer survey={id} customer={customer} task={task} key={`${id} ${customer}`} />;
  return <Results id={id} key={id} />;
};

const View = ({ place }: { place: readonly string[] }) => {
  const [view, id] = place;
  if (view === 'customers' && id) return <Customer id={id} key={id} />;
  if (view === 'surveys') return id ? <OfSurvey place={place} /> : <Surveys />;
  if (view === 'task' && id) return <Task id={id} key={id} />;
  if (view === 'tasks') {
    const list: TaskList = taskLists.find((one) => one === id) ?? 'mine';
    return <Tasks list={list} key={list} />;
  }
  if (view === 'renewals') {
    const choice = renewalChoice(place.slice(1));
    return <Renewals choice={choice} key={JSON.stringify(choice)} />;
  }
  if (view === 'not-sent') {
    const outcome: Trouble = troubles.find((one) => one === id) ?? 'skipped';
    return <NotSent outcome={outcome} key={outcome} />;
  }
  return <Overview />;
};

const Mark = () => (
  <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M16 3c7 2 11 7 11 13.5C27 23 22 28.5 16 29 10 28.5 5 23 5 16.5 5 10 9 5 16 3z" fill="#0b5f59" />
    <path
      d="M16 25V12m0 6c-3.5 0-5.5-2-6-5.5 3.5 0 5.5 2 6 5.5zm0-2.5c.3-3.3 2.3-5.3 5.8-5.5-.2 3.5-2.3 5.5-5.8 5.5z"
      fill="none"
      stroke="#fff"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

const LanguageSwitch = ({ onChoose }: { onChoose: (locale: string) => void }) => {
  const { locale, text } = useLanguage();
  return (
    <div class="language" role="group" aria-label={text.language}>
      {Object.entries(texts).map(([tag, { languageName }]) => (
        <button type="button" lang={tag} key={tag} aria-pressed={tag === locale} onClick={() => onChoose(tag)}>
          {languageName}
        </button>
      ))}
    </div>
  );
};

const Welcome = ({
  config,
  note,
  onChoose,
}: {
  config: SignInConfig;
  note: 'ended' | 'failed' | undefined;
  onChoose: (locale: string) => void;
}) => {
  const { text } = useLanguage();
  return (
    <main class="welcome" id="content">
      <div class="card">
        <Mark />
        <h1>{text.signIn.title}</h1>
        <p>{text.signIn.lead}</p>
        {note && <p role="alert">{text.signIn[note]}</p>}
        <button type="button" class="main" onClick={() => void beginSignIn(config)}>
          {text.signIn.button}
        </button>
      </div>
      <LanguageSwitch onChoose={onChoose} />
    </main>
  );
};

const Frame = ({ onChoose, onSignOut }: { onChoose: (locale: string) => void; onSignOut: () => void }) => {
  const { text } = useLanguage();
  const place = usePlace();
  const [view] = place;
  const links = [
    ['#/', text.nav.overview, view === ''],
    ['#/tasks', text.nav.tasks, view === 'tasks' || view === 'task'],
    ['#/renewals', text.nav.renewals, view === 'renewals'],
    ['#/surveys', text.nav.surveys, view === 'surveys'],
    ['#/not-sent/skipped', text.nav.notSent, view === 'not-sent'],
  ] as const;
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {text.skip}
      </a>
      <header class="bar">
        <a class="brand" href="#/">
          <Mark />
          <span>{text.product}</span>
        </a>
        <nav aria-label={text.menu}>
          {links.map(([href, label, current]) => (
            <a href={href} key={href} {...(current ? { 'aria-current': 'page' as const } : {})}>
              {label}
            </a>
          ))}
        </nav>
        <SearchBox />
        <LanguageSwitch onChoose={onChoose} />
        <button type="button" class="out" onClick={onSignOut}>
          {text.signIn.out}
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        <View place={place} />
      </main>
    </>
  );
};

const App = ({ config, failed }: { config: SignInConfig; failed: boolean }) => {
  const [locale, setLocale] = useState(() => chooseLocale([localStorage.getItem(LOCALE), ...navigator.languages]));
  const [signedIn, setSignedIn] = useState(accessToken() !== undefined);
  const [note, setNote] = useState<'ended' | 'failed' | undefined>(failed ? 'failed' : undefined);
  const api = useMemo(
    () =>
      createApi(config, () => {
        signOut();
        setNote('ended');
        setSignedIn(false);
      }),
    [config],
  );
  const text = texts[locale] ?? texts.en;

  useEffect(() => {
    document.documentElement.lang = locale;
    document.title = text?.product ?? '';
  }, [locale, text]);

  const choose = (chosen: string): void => {
    localStorage.setItem(LOCALE, chosen);
    setLocale(chosen);
  };
  const leave = (): void => {
    signOut();
    setNote(undefined);
    setSignedIn(false);
  };
  if (text === undefined) return null;
  return (
    <LanguageContext.Provider value={{ locale, text }}>
      <ApiContext.Provider value={api}>
        {signedIn ? (
          <Frame onChoose={choose} onSignOut={leave} />
        ) : (
          <Welcome config={config} note={note} onChoose={choose} />
        )}
      </ApiContext.Provider>
    </LanguageContext.Provider>
  );
};

const start = async (): Promise<void> => {
  const config = (await (await fetch('/console/config.json')).json()) as SignInConfig;
  const outcome = await completeSignIn(config);
  const root = document.getElementById('app');
  if (root) render(<App config={config} failed={outcome === 'failed'} />, root);
};

void start();
