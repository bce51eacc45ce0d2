/** The people one can sign in as: one for each role of the product. */
export interface DemoPerson {
  /** The role, which is a group of the user pool, and the user name. */
  readonly role: 'marketing' | 'approver' | 'manager' | 'compliance' | 'head' | 'engineer';
  /** `sub` of the tokens: fixed, so that what a person did yesterday is theirs today. */
  readonly id: string;
  readonly name: Readonly<Record<'zh' | 'en', string>>;
  readonly does: Readonly<Record<'zh' | 'en', string>>;
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    role: 'marketing',
    id: '10000000-0000-4000-8000-000000000001',
    name: { zh: '林晓', en: 'Lin Xiao' },
    does: { zh: '市场：客群、模板、活动', en: 'Marketing: audiences, templates, campaigns' },
  },
  {
    role: 'approver',
    id: '10000000-0000-4000-8000-000000000002',
    name: { zh: '周宁', en: 'Zhou Ning' },
    does: { zh: '审批：发布前复核', en: 'Approver: reviews before release' },
  },
  {
    role: 'manager',
    id: '10000000-0000-4000-8000-000000000003',
    name: { zh: '王磊', en: 'Wang Lei' },
    does: { zh: '客户经理：任务、客户、回电', en: 'Account manager: tasks, customers, calls' },
  },
  {
    role: 'compliance',
    id: '10000000-0000-4000-8000-000000000004',
    name: { zh: '陈静', en: 'Chen Jing' },
    does: { zh: '合规：审计与存证', en: 'Compliance: audit and proof' },
  },
  {
    role: 'head',
    id: '10000000-0000-4000-8000-000000000005',
    name: { zh: '何远', en: 'He Yuan' },
    does: { zh: '业务负责人：目标与续保率', en: 'Head of business: goals and renewal rate' },
  },
  {
    role: 'engineer',
    id: '10000000-0000-4000-8000-000000000006',
    name: { zh: '刘洋', en: 'Liu Yang' },
    does: { zh: '工程师：部署、导入、运维', en: 'Engineer: deployment, imports, operation' },
  },
];
