import type { Behaviour } from './future-contract.ts';

/** A customer of the sample book as the service department knows them, before they become a CSV row. */
export interface SampleCustomer {
  readonly customerNo: string;
  readonly language: 'zh-CN' | 'en';
  readonly country: 'CN' | 'IE';
  readonly zone: string;
  readonly family: string;
  readonly given: string;
  readonly company: string;
  readonly gender: 'f' | 'm' | '';
  readonly birthOn: string;
  readonly email: string;
  readonly mobile: string;
  readonly street: string;
  readonly district: string;
  readonly city: string;
  readonly postcode: string;
  readonly region: string;
  readonly emailConsent: 'Y' | 'N';
  readonly postConsent: 'Y' | 'N';
  readonly marketingConsent: 'Y' | 'N' | '';
  readonly largePrint: 'Y' | '';
}

/** A policy of the sample book with the terms the insurer has written so far. */
export interface SamplePolicy {
  readonly policyNo: string;
  readonly holder: SampleCustomer;
  readonly line: 'motor' | 'home' | 'health' | 'liability';
  readonly channel: 'direct' | 'broker';
  readonly broker: string;
  readonly insured: string;
  readonly currency: 'CNY' | 'EUR';
  readonly contractStartsOn: string;
  /** First day, renewal day and premium of each term, in order. */
  readonly terms: readonly { readonly startsOn: string; readonly renewsOn: string; readonly premium: number }[];
  /** The offer for the next term, published some weeks before; absent where underwriting never made one. */
  readonly offer?: { readonly publishedOn: string; readonly premium: number; readonly validUntil: string };
}

/** Somebody of the cast: one person per case worth showing. */
export interface CastMember {
  readonly customer: SampleCustomer;
  readonly policies: readonly SamplePolicy[];
  /** What this one does when the clock moves. */
  readonly behaviours: readonly Behaviour[];
  /** The case, for the documentation. */
  readonly shows: string;
}
