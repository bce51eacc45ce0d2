import { searchAnswer } from '../../shared/history/contract.ts';
import { Misuse } from './command-line.ts';
import { Refused, type StaffApi } from './staff-api.ts';

/** The one customer whom a person means by the beginning of a name, e-mail, phone, customer or policy number.
 *  @returns the opaque id and the name
 *  @throws Refused where there is nobody, or more than one: it names them */
export const findCustomer = async (
  api: StaffApi,
  text: string,
): Promise<{ readonly id: string; readonly name: string }> => {
  const found = (await api.call(searchAnswer, 'POST', '/api/search', { text }))?.items ?? [];
  const people = new Map(found.map(({ customer }) => [customer.customerId, customer]));
  const [one, ...others] = people.values();
  if (one === undefined)
    throw new Refused(`nobody is found by "${text}": give the beginning of a name, a customer or policy number`);
  if (others.length === 0) return { id: one.customerId, name: one.name };
  throw new Refused(
    `${people.size} customers are found by "${text}": say which, by customer or policy number`,
    found.map(({ customer, matched }) => ({
      path: customer.name,
      message: `${matched} ${customer.email ?? ''}`.trim(),
    })),
  );
};

/** As whom a template is looked at, by the options of a command.
 *  @param options `profile`: a test profile · `customer`: what `findCustomer` finds; one of them
 *  @throws Misuse where it is none or both */
export const recipientOf = async (
  api: StaffApi,
  { profile, customer }: { readonly profile?: string | undefined; readonly customer?: string | undefined },
): Promise<{ readonly profile: string } | { readonly customer: string }> => {
  if (profile !== undefined && customer === undefined) return { profile };
  if (customer !== undefined && profile === undefined) return { customer: (await findCustomer(api, customer)).id };
  throw new Misuse('say either --profile or --customer');
};
