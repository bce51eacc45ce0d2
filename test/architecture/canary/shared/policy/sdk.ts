import { S3Client } from '@aws-sdk/client-s3';

export const sdk = S3Client;
