/** Folder of the inbound bucket that the receipt rule writes to. */
const MAILS = 'mail/';
/** What SES writes once, to see whether it may. */
const SETUP = /\/AMAZON_SES_SETUP_NOTIFICATION$/;

/** Whether a file of the inbound bucket is a mail. */
export const isMail = (key: string): boolean => key.startsWith(MAILS) && !SETUP.test(key);
