/** The platforms. A new one adds one line here. */
export { default as awsLambda } from './platforms/aws-lambda.ts'
export { default as azureFunctions } from './platforms/azure-functions.ts'
export { default as cloudflare } from './platforms/cloudflare.ts'
export { default as firebase } from './platforms/firebase.ts'
export { default as googleCloudFunctions } from './platforms/google-cloud-functions.ts'
export { default as netlify } from './platforms/netlify.ts'
export { default as nextjs } from './platforms/nextjs.ts'
export { default as nodeServer } from './platforms/node-server.ts'
